#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/telemetry.h"
#include "plugin/ledger/account_book.h"
#include "plugin/ledger/ledger.h"

namespace acronis::ledger {

/// A ledger that lives as long as the process: every rule of counting holds but
/// durability. Borrows the clock and the telemetry.
class MemoryLedger final : public Ledger {
 public:
  MemoryLedger(CountingRules rules, Clock& clock, Telemetry& telemetry);

  Result<Progress> Register(const std::string& account) override;
  Result<PageOutcome> Commit(std::string_view account, const PageCommit& page) override;
  Status Advance(std::string_view account, const Progress& progress,
                 std::span<const std::string> queues_met) override;
  std::shared_ptr<const LedgerSnapshot> Snapshot() const noexcept override;
  void NoteServed(std::uint64_t generation, MonotonicTime now) noexcept override;
  std::optional<MonotonicTime> RevealDue(MonotonicTime now) override;

 private:
  /// REQUIRES: `account` is registered; mutex_ is held.
  std::size_t IndexOf(std::string_view account) const;
  /// Applies the change and publishes it. REQUIRES: mutex_ is held.
  void Make(std::size_t index, const BookChange& change);
  /// REQUIRES: mutex_ is held.
  void Publish(std::size_t index);

  CountingRules rules_;
  Clock& clock_;
  Telemetry& telemetry_;

  mutable std::mutex mutex_;
  std::vector<std::string> accounts_;            // Guarded by mutex_.
  std::vector<AccountBook> books_;               // Guarded by mutex_; same order as accounts_.
  std::shared_ptr<const LedgerSnapshot> shown_;  // Guarded by mutex_.
};

}  // namespace acronis::ledger
