#include "plugin/store_tool.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "plugin/account_identity.h"
#include "plugin/ledger/sqlite/store_file.h"

namespace acronis {
namespace {

using ledger::sqlite::GuardFile;
using ledger::sqlite::GuardPath;
using ledger::sqlite::OpenStore;
using ledger::sqlite::StoredAccount;
using ledger::sqlite::StoreHead;

Result<OpenStore> Open(const StoreOptions& named, bool mind_guard) {
  const StoreOptions options = ledger::sqlite::WithRealPath(named);
  ledger::sqlite::StoreFileOptions file{.path = options.path, .create = false};
  if (const auto guard = GuardPath(options); mind_guard && !guard.empty()) {
    // A guard that cannot be read guards nothing; a start of the program logs that.
    if (auto exposed = GuardFile(guard).Read()) {
      file.exposed = *exposed;
    }
  }
  return OpenStoreFile(file, {});
}

/// Runs `write` in one transaction and closes the store.
template <typename Write>
Status Change(OpenStore store, Write write) {
  Status status = Ok{};
  try {
    store.database->Execute("BEGIN IMMEDIATE");
    write(*store.tables);
    store.tables->Finish();
    store.database->Execute("COMMIT");
  } catch (const ledger::sqlite::SqlError& error) {
    status = Error{ErrorKind::kStore, std::string("the store cannot be written: ") + error.what()};
  }
  CloseStore(store);
  return status;
}

StoredAccountReport Report(const StoredAccount& account) {
  const ledger::BookState& state = account.state;
  auto counts = std::make_shared<AccountCounts>();
  counts->account = account.identity.name;
  counts->baseline_complete = state.progress.baseline_complete;
  counts->watermark = state.progress.watermark;
  counts->books = state.books;
  counts->data_gap = state.progress.data_gap;
  counts->dedupe_entries = state.seen.Size();
  StoredAccountReport report{.base_url = account.identity.base_url,
                             .tenant = account.identity.tenant,
                             .filters = account.identity.filters,
                             .start = state.progress.start,
                             .baseline_end = state.progress.baseline_end,
                             .watermark = state.progress.watermark,
                             .horizon = state.progress.horizon,
                             .last_sweep = state.progress.last_sweep};
  for (const auto& [name, queue] : state.queues) {
    counts->queues.emplace(name, queue.counts);
    if (!queue.revealed) {
      report.held.push_back(name);
    }
  }
  report.counts = std::move(counts);
  return report;
}

}  // namespace

Result<StoreReport> ReadStore(const StoreOptions& options, bool mind_guard) {
  auto store = Open(options, mind_guard);
  if (!store) {
    return std::move(store).error();
  }
  const StoreHead& head = store->tables->Head();
  StoreReport report{.store = {.id = head.id, .engine = "sqlite"},
                     .commits = head.commits,
                     .duration_bounds = head.duration_bounds,
                     .queue_wait_bounds = head.queue_wait_bounds};
  for (const StoredAccount& account : store->accounts) {
    report.accounts.push_back(Report(account));
  }
  CloseStore(*store);
  std::error_code unknown;
  const auto size = std::filesystem::file_size(options.path, unknown);
  report.store.size_bytes = unknown ? 0 : size;
  return report;
}

Result<std::string> BeginNewEpoch(const StoreOptions& options) {
  auto store = Open(options, false);
  if (!store) {
    return std::move(store).error();
  }
  const std::string id = ledger::sqlite::NewStoreId();
  auto changed = Change(std::move(*store), [&id](auto& tables) { tables.Renew(id); });
  if (!changed) {
    return std::move(changed).error();
  }
  return id;
}

Status AcceptAccount(const StoreOptions& options, const AccountOptions& account) {
  auto store = Open(options, true);
  if (!store) {
    return std::move(store).error();
  }
  const auto found = std::ranges::find_if(store->accounts, [&](const StoredAccount& stored) {
    return stored.identity.name == account.name;
  });
  if (found == store->accounts.end()) {
    CloseStore(*store);
    return Error{ErrorKind::kInvalidArgument,
                 "the store knows no account '" + account.name + "'; nothing needs to be accepted"};
  }
  const StoredAccount stored = std::move(*found);
  ledger::AccountIdentity identity = stored.identity;
  const ledger::AccountIdentity now = IdentityOf(account);
  identity.base_url = now.base_url;
  identity.tenant = now.tenant;
  return Change(std::move(*store), [&](auto& tables) {
    tables.WriteAccount(stored.key, identity, stored.state.progress, stored.state.books);
  });
}

}  // namespace acronis
