#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/core/counts.h"
#include "plugin/core/logger.h"
#include "plugin/core/options.h"
#include "plugin/core/result.h"
#include "plugin/core/telemetry.h"

namespace acronis {

/// One account at one moment.
struct AccountView {
  std::shared_ptr<const AccountCounts> counts{};
  bool up = false;                  ///< The last finished poll cycle succeeded.
  bool in_flight_complete = false;  ///< `in_flight` is there and shows the whole last listing.
  /// Null before the baseline is complete, before the first and after a refused listing.
  std::shared_ptr<const InFlightCounts> in_flight{};
  std::optional<TimePoint> last_poll{};  ///< When the last poll cycle ended, by the local clock.
  std::string last_error{};              ///< Why it failed, for people; empty: it did not.
};

/// All accounts at one moment; the counts are one committed state of the ledger.
struct Snapshot {
  /// Of the ledger: counts and the set of accounts are the same in two snapshots of one generation.
  std::uint64_t generation = 0;
  StoreView store{};
  std::vector<AccountView> accounts{};
};

/// The narrow face of the fetcher: everything an agent needs, nothing it must know.
///
/// Open() checks and starts nothing: no file is touched, no thread begun, no request sent. Who
/// forks does it then. OpenStore() takes the store, which cannot be carried over a fork; Start()
/// begins to poll. Stop(), or destruction, ends it.
class Collector {
 public:
  struct Deps {
    Clock& clock;
    Logger& log;
    Telemetry& telemetry;
    /// The store's disk cannot be believed any more (a failed fsync). Called once, from a thread of
    /// the collector; should end the process, for only a new start reads what the disk really has.
    /// Without it the collector goes on without counting.
    std::function<void(const Error&)> on_fatal{};
  };

  /// Borrows `deps` for the life of the collector. Errors name what is wrong in `options`.
  static Result<std::unique_ptr<Collector>> Open(const CollectorOptions& options, Deps deps);

  virtual ~Collector() = default;

  /// Takes the store, which nobody else may have, and reads what was counted. Sends nothing.
  /// kStore when it cannot be used, kInvalidArgument when it does not fit the options; may be tried
  /// again then. Does nothing when the store is open.
  virtual Status OpenStore() = 0;

  /// Begins to poll, one thread an account; what polls already goes on. When it throws
  /// std::system_error, for want of threads, some accounts may poll: Stop(), or Start() again.
  /// REQUIRES: the store is open.
  virtual void Start() = 0;

  /// One poll cycle of every account on the calling thread, for callers that do
  /// not Start(). True when all succeeded; false without an open store.
  virtual bool PollOnce() noexcept = 0;

  /// Takes over other accounts, options of them and of `poll`, and secrets, all or nothing: on
  /// error everything is as it was and the message says what is wrong. Accounts whose options are
  /// the same go on undisturbed; the others stop, and begin at once where the store says they are.
  /// The store, and of `metrics` all but `success_codes`, need a restart and are refused;
  /// `user_agent` stays.
  ///
  /// One reload at a time, from any thread, while others poll, take snapshots or Stop(); waits for
  /// a PollOnce() under way. Takes as long as stopping the accounts that change and one commit.
  /// Refused after Stop(). REQUIRES: the store is open.
  virtual Status Reload(const CollectorOptions& options) = 0;

  /// Never null, never does I/O; shows every account, with nothing in it until the store is open.
  /// During a reload it shows the accounts of before or of after. Throws std::bad_alloc alone.
  virtual std::shared_ptr<const Snapshot> TakeSnapshot() const = 0;

  /// A scrape was answered with `snapshot`: what it showed for the first time may be revealed
  /// later.
  virtual void NoteServed(const Snapshot& snapshot) noexcept = 0;

  /// Stops polling: aborts I/O under way and joins every thread. The last picture stays
  /// available. Idempotent; a name look-up cannot be interrupted and may hold it for long.
  virtual void Stop() noexcept = 0;

  /// Ends all writing to the store, whatever still runs: for who cannot wait for Stop().
  /// Idempotent.
  virtual void CloseStore() noexcept = 0;
};

}  // namespace acronis
