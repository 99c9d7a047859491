#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

#include "plugin/api/task_client.h"
#include "plugin/core/result.h"
#include "plugin/ledger/ledger.h"
#include "plugin/poll/account.h"
#include "plugin/poll/window.h"

namespace acronis::poll {

/// Reads one slice of completed tasks page by page and counts each page in a
/// ledger transaction of its own; the last one also carries the new progress.
///
/// A crash or an error between two pages loses nothing: the pages before are
/// counted, the slice is read again and their ids are known. Borrows the account.
class SliceReader {
 public:
  /// Works the new progress out when the slice turns out to be complete.
  using OnComplete = std::function<ledger::Progress(const ledger::Progress&)>;

  static Result<SliceReader> Begin(Account& account, const Window& slice, OnComplete on_complete);

  /// Reads and counts one page. True when it was the last.
  Result<bool> Step(const std::stop_token& stop);

 private:
  SliceReader(Account& account, api::TaskQuery query, OnComplete on_complete);

  Status Count(api::TaskPage page);
  void NoteOddCodes(const std::vector<Task>& tasks);

  std::reference_wrapper<Account> account_;
  api::TaskWalk walk_;
  OnComplete on_complete_;
};

}  // namespace acronis::poll
