#pragma once

#include <memory>
#include <stdexcept>
#include <utility>

#include "plugin/ledger/sqlite/sqlite_ledger.h"
#include "tests/fakes/temporary_folder.h"

namespace acronis::test {

/// The real ledger, on a store that goes with the test.
class TemporaryLedger {
 public:
  TemporaryLedger(ledger::CountingRules rules, ledger::sqlite::SqliteLedger::Deps deps)
      : deps_(std::move(deps)) {
    options_.store.path = folder_.Path() / "ledger.db";
    options_.guard_path = folder_.Path() / "ledger.guard";
    options_.rules = std::move(rules);
    Reopen();
  }

  /// As a restart of the process does it.
  void Reopen() {
    ledger_.reset();
    auto opened = ledger::sqlite::SqliteLedger::Open(options_, deps_);
    if (!opened) {
      throw std::runtime_error(opened.error().message);
    }
    ledger_ = std::move(*opened);
  }

  ledger::sqlite::SqliteLedgerOptions& Options() { return options_; }
  ledger::sqlite::SqliteLedger& operator*() { return *ledger_; }
  ledger::sqlite::SqliteLedger* operator->() { return ledger_.get(); }
  const ledger::sqlite::SqliteLedger* operator->() const { return ledger_.get(); }

 private:
  TemporaryFolder folder_;
  ledger::sqlite::SqliteLedgerOptions options_;
  ledger::sqlite::SqliteLedger::Deps deps_;
  std::unique_ptr<ledger::sqlite::SqliteLedger> ledger_;
};

}  // namespace acronis::test
