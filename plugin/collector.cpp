#include "plugin/collector.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "plugin/account_identity.h"
#include "plugin/core/reload.h"
#include "plugin/ledger/sqlite/guard_file.h"
#include "plugin/ledger/sqlite/sqlite_ledger.h"
#include "plugin/poll/account_loop.h"
#include "plugin/poll/live_board.h"
#include "plugin/poll/polled_account.h"
#include "plugin/poll/tender.h"

namespace acronis {
namespace {

/// Samples of a queue besides those of its histograms: completions and last completions by result
/// code, the last success, tasks in flight and the oldest of them by state.
constexpr std::uint64_t kPlainSamples = 2 * kResultCodeCount + 1 + 2 * kInFlightStates.size();
/// A histogram has one more bucket than bounds, a sum and a count.
constexpr std::uint64_t kExtraSamples = 3;
/// Values of the label `queue`, however many samples are allowed.
constexpr std::uint64_t kMostQueues = 200;

/// How many queues fit into `series_limit`, `_other` set apart.
std::uint64_t QueueLimit(const MetricsOptions& metrics) {
  const std::uint64_t samples = kPlainSamples + metrics.duration_buckets.size() +
                                metrics.queue_wait_buckets.size() + 2 * kExtraSamples;
  const std::uint64_t fit = metrics.series_limit / samples;
  return std::min(kMostQueues, fit > 0 ? fit - 1 : 0);
}

ledger::CountingRules RulesOf(const MetricsOptions& metrics) {
  return {.duration_bounds = metrics.duration_buckets,
          .queue_wait_bounds = metrics.queue_wait_buckets,
          .series_hold = metrics.series_hold,
          .queue_limit = QueueLimit(metrics)};
}

using poll::LiveBoard;
using poll::PolledAccount;
using Units = std::vector<std::unique_ptr<PolledAccount>>;
/// By account.
using Boards = std::map<std::string, std::shared_ptr<const LiveBoard>, std::less<>>;

/// The options with the paths that are really used.
CollectorOptions WithRealStore(CollectorOptions options) {
  options.store = ledger::sqlite::WithRealPath(options.store);
  options.store.guard_path = ledger::sqlite::GuardPath(options.store);
  return options;
}

Status CheckAccounts(const std::vector<AccountOptions>& accounts) {
  for (const AccountOptions& account : accounts) {
    if (auto checked = CheckAccount(account); !checked) {
      return Error{checked.error().kind,
                   "account " + account.name + ": " + checked.error().message};
    }
  }
  return Ok{};
}

/// Everything that a change of the accounts needs, before anything is changed.
struct Prepared {
  CollectorOptions options;
  std::vector<ledger::AccountIdentity> identities{};
  Units fresh{};  ///< By account; null for one that goes on as it is.
};

/// What a reload did, for the log.
class Tally {
 public:
  void Add(char what, const std::string& name) {
    ++numbers_[what];
    if (++names_ <= kMostNames) {
      text_ += (text_.empty() ? "" : " ") + (what + name);
    }
  }

  LogFields Fields(std::size_t accounts) const {
    LogFields fields{{"accounts", std::to_string(accounts)},
                     {"added", Number(kAdded)},
                     {"changed", Number(kChanged)},
                     {"removed", Number(kRemoved)}};
    if (names_ > 0) {
      const bool all = names_ <= kMostNames;
      fields.push_back({"names", text_ + (all ? "" : " ...")});
    }
    return fields;
  }

  static constexpr char kAdded = '+';
  static constexpr char kChanged = '~';
  static constexpr char kRemoved = '-';

 private:
  static constexpr std::size_t kMostNames = 10;

  std::string Number(char what) const {
    const auto found = numbers_.find(what);
    return std::to_string(found == numbers_.end() ? 0 : found->second);
  }

  std::map<char, std::size_t> numbers_;
  std::size_t names_ = 0;
  std::string text_;
};

class PollingCollector final : public Collector {
 public:
  PollingCollector(CollectorOptions options, Deps deps)
      : deps_(std::move(deps)), running_(std::move(options)), before_(BeforeTheStore(running_)) {}

  Status OpenStore() override {
    const std::lock_guard lock(life_mutex_);
    if (open_) {
      return Ok{};
    }
    running_ = WithRealStore(std::move(running_));
    auto opened = ledger::sqlite::SqliteLedger::Open({.store = {.path = running_.store.path},
                                                      .guard_path = running_.store.guard_path,
                                                      .rules = RulesOf(running_.metrics)},
                                                     {.clock = deps_.clock,
                                                      .log = deps_.log,
                                                      .telemetry = deps_.telemetry,
                                                      .on_fatal = deps_.on_fatal});
    if (!opened) {
      return std::move(opened).error();
    }
    ledger_ = *std::move(opened);
    if (auto taken = TakeIn(); !taken) {
      ledger_.reset();
      return taken;
    }
    tender_.emplace(*ledger_, deps_.clock);
    open_ = true;
    return Ok{};
  }

  void Start() override {
    const std::lock_guard lock(life_mutex_);
    started_ = true;
    BeginAll(units_.size());
    if (!tending_.joinable()) {
      tending_ = std::jthread([this] { tender_->Run(stop_.get_token()); });
    }
  }

  bool PollOnce() noexcept override {
    const std::lock_guard lock(life_mutex_);
    bool all = open_;
    for (const auto& unit : units_) {
      all = unit->PollOnce(stop_.get_token()) && all;
    }
    return all;
  }

  Status Reload(const CollectorOptions& options) override {
    const std::lock_guard lock(life_mutex_);
    if (stop_.stop_requested()) {
      return Error{ErrorKind::kCancelled, "the program is stopping, nothing is reloaded any more"};
    }
    auto prepared = Prepare(options);
    if (!prepared) {
      return std::move(prepared).error();
    }
    const Tally tally = TallyOf(*prepared);
    auto switched = Switch(*prepared);
    if (switched) {
      deps_.log.Info("configuration reloaded", tally.Fields(units_.size()));
    }
    return switched;
  }

  std::shared_ptr<const Snapshot> TakeSnapshot() const override {
    if (!open_) {
      return before_;
    }
    // The boards first: those of before fit the counts of after, where an account that has no
    // board yet has not been polled. Counts of before never meet boards of after.
    const auto boards = ShownBoards();
    const auto counted = ledger_->Snapshot();
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->generation = counted->generation;
    snapshot->store = counted->store;
    for (const auto& counts : counted->accounts) {
      const auto board = boards->find(counts->account);
      snapshot->accounts.push_back(
          ViewOf(counts, board == boards->end() ? poll::LiveState() : board->second->Read()));
    }
    return snapshot;
  }

  void NoteServed(const Snapshot& snapshot) noexcept override {
    if (open_) {
      ledger_->NoteServed(snapshot.generation, deps_.clock.Monotonic());
      tender_->Wake();
    }
  }

  void Stop() noexcept override {
    stop_.request_stop();
    const std::lock_guard lock(life_mutex_);
    for (const auto& unit : units_) {
      unit->Join();
    }
    tending_ = {};  // Joins.
    PollingCollector::CloseStore();
  }

  void CloseStore() noexcept override {
    if (open_) {
      ledger_->Close();
    }
  }

  PollingCollector(const PollingCollector&) = delete;
  PollingCollector& operator=(const PollingCollector&) = delete;
  ~PollingCollector() override { PollingCollector::Stop(); }

 private:
  /// Every account, with nothing in it yet.
  static std::shared_ptr<const Snapshot> BeforeTheStore(const CollectorOptions& options) {
    auto snapshot = std::make_shared<Snapshot>();
    for (const AccountOptions& account : options.accounts) {
      auto counts = std::make_shared<AccountCounts>();
      counts->account = account.name;
      snapshot->accounts.push_back({.counts = std::move(counts)});
    }
    return snapshot;
  }

  static AccountView ViewOf(const std::shared_ptr<const AccountCounts>& counts,
                            poll::LiveState live) {
    AccountView view{.counts = counts,
                     .up = live.up,
                     .in_flight_complete = false,
                     .in_flight = {},
                     .last_poll = live.last_poll,
                     .last_error = std::move(live.last_error)};
    if (counts->baseline_complete) {
      view.in_flight = std::move(live.in_flight);
      view.in_flight_complete = live.in_flight_complete;
    }
    return view;
  }

  std::shared_ptr<const Boards> ShownBoards() const {
    const std::lock_guard lock(boards_mutex_);
    return boards_;
  }

  // All below: life_mutex_ is held, or nobody else knows the collector yet.

  Status TakeIn() {
    auto prepared = Prepare(running_);
    return prepared ? Switch(*prepared) : Status(std::move(prepared).error());
  }

  /// Checks everything and opens what is new; changes nothing.
  Result<Prepared> Prepare(const CollectorOptions& options) {
    Prepared prepared{.options = options};
    if (auto checked = CheckWanted(prepared.options); !checked) {
      return std::move(checked).error();
    }
    for (const AccountOptions& account : prepared.options.accounts) {
      prepared.identities.push_back(IdentityOf(account));
      if (auto checked = ledger_->CheckIdentity(prepared.identities.back()); !checked) {
        return std::move(checked).error();
      }
      auto fresh = OpenIfNew(account);
      if (!fresh) {
        return std::move(fresh).error();
      }
      prepared.fresh.push_back(*std::move(fresh));
    }
    if (auto ready = ledger_->CheckReady(); !ready) {
      return Error{ErrorKind::kStore, "the store does not work: " + ready.error().message};
    }
    return prepared;
  }

  /// Completes `wanted` with what a reload does not bring.
  Status CheckWanted(CollectorOptions& wanted) const {
    if (auto checked = CheckOptions(wanted); !checked) {
      return checked;
    }
    if (auto checked = CheckStore(wanted.store); !checked) {
      return checked;
    }
    wanted = WithRealStore(std::move(wanted));
    wanted.user_agent = running_.user_agent;
    if (auto checked = CheckReloadable(running_, wanted); !checked) {
      return checked;
    }
    return CheckAccounts(wanted.accounts);
  }

  PolledAccount* Find(const std::string& name) const {
    const auto found = std::ranges::find_if(
        units_, [&](const auto& unit) { return unit->Options().name == name; });
    return found == units_.end() ? nullptr : found->get();
  }

  /// Null when the account is polled with these very options.
  Result<std::unique_ptr<PolledAccount>> OpenIfNew(const AccountOptions& account) {
    const PolledAccount* const running = Find(account.name);
    if (running != nullptr && running->Options() == account) {
      return std::unique_ptr<PolledAccount>();
    }
    return PolledAccount::Open(
        account, running_.user_agent,
        {.ledger = *ledger_,
         .clock = deps_.clock,
         .log = deps_.log,
         .telemetry = deps_.telemetry,
         .sessions = session_cap_},
        running != nullptr ? running->Live() : std::make_shared<LiveBoard>());
  }

  /// Whom `prepared` does not leave as they are.
  std::vector<PolledAccount*> Leaving(const Prepared& prepared) const {
    std::set<std::string_view> staying;
    for (std::size_t i = 0; i < prepared.fresh.size(); ++i) {
      if (prepared.fresh[i] == nullptr) {
        staying.insert(prepared.options.accounts[i].name);
      }
    }
    std::vector<PolledAccount*> leaving;
    for (const auto& unit : units_) {
      if (!staying.contains(unit->Options().name)) {
        leaving.push_back(unit.get());
      }
    }
    return leaving;
  }

  Tally TallyOf(const Prepared& prepared) const {
    Tally tally;
    std::set<std::string_view> fresh;
    for (const auto& unit : prepared.fresh) {
      if (unit != nullptr) {
        const std::string& name = unit->Options().name;
        fresh.insert(name);
        tally.Add(Find(name) == nullptr ? Tally::kAdded : Tally::kChanged, name);
      }
    }
    for (const PolledAccount* const unit : Leaving(prepared)) {
      if (!fresh.contains(unit->Options().name)) {
        tally.Add(Tally::kRemoved, unit->Options().name);
      }
    }
    return tally;
  }

  /// Stops whom it has to, makes the change in the store, and begins anew: with what is new, or as
  /// before if the store could not be changed.
  Status Switch(Prepared& prepared) {
    const auto leaving = Leaving(prepared);
    for (PolledAccount* const unit : leaving) {
      unit->RequestStop();
    }
    for (PolledAccount* const unit : leaving) {
      unit->Join();
    }
    auto progress = ledger_->SetAccounts(prepared.identities);
    if (!progress) {
      for (PolledAccount* const unit : leaving) {
        Begin(*unit, leaving.size());
      }
      return std::move(progress).error();
    }
    const std::size_t fresh = Replace(prepared, *progress);
    ShowBoards();
    BeginAll(fresh);
    return Ok{};
  }

  /// Returns how many are new.
  std::size_t Replace(Prepared& prepared, const std::vector<ledger::Progress>& progress) {
    std::map<std::string, std::unique_ptr<PolledAccount>> before;
    for (auto& unit : std::exchange(units_, {})) {
      const std::string name = unit->Options().name;
      before.emplace(name, std::move(unit));
    }
    std::size_t fresh = 0;
    for (std::size_t i = 0; i < progress.size(); ++i) {
      auto unit = std::move(prepared.fresh[i]);
      if (unit == nullptr) {
        units_.push_back(std::move(before.at(prepared.options.accounts[i].name)));
        continue;
      }
      unit->GoOnAt(progress[i]);
      ++fresh;
      units_.push_back(std::move(unit));
    }
    running_ = std::move(prepared.options);
    return fresh;
  }

  void ShowBoards() {
    auto boards = std::make_shared<Boards>();
    for (const auto& unit : units_) {
      boards->emplace(unit->Options().name, unit->Live());
    }
    const std::lock_guard lock(boards_mutex_);
    boards_ = std::move(boards);
  }

  /// Whoever does not run yet.
  void BeginAll(std::size_t together) {
    for (const auto& unit : units_) {
      if (!unit->Runs()) {
        Begin(*unit, together);
      }
    }
  }

  /// One of `together` that begin at the same time. Nothing happens before Start().
  void Begin(PolledAccount& unit, std::size_t together) {
    if (started_) {
      unit.Begin(poll::FirstDelay(unit.Options().poll.interval, together, random_),
                 stop_.get_token());
    }
  }

  Deps deps_;
  /// Set once, by OpenStore(); what it lets others see does not change any more.
  std::atomic<bool> open_ = false;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::optional<poll::Tender> tender_;
  api::SessionCap session_cap_;

  std::mutex life_mutex_;
  // All guarded by life_mutex_.
  CollectorOptions running_;
  bool started_ = false;
  std::mt19937_64 random_{std::random_device{}()};

  const std::shared_ptr<const Snapshot> before_;  // What is shown until the store is open.

  mutable std::mutex boards_mutex_;
  std::shared_ptr<const Boards> boards_ = std::make_shared<Boards>();  // Guarded by boards_mutex_.

  std::stop_source stop_;
  // Last: joined before what they use goes. Guarded by life_mutex_.
  Units units_;
  std::jthread tending_;
};

}  // namespace

Result<std::unique_ptr<Collector>> Collector::Open(const CollectorOptions& options, Deps deps) {
  if (auto checked = CheckOptions(options); !checked) {
    return std::move(checked).error();
  }
  if (auto checked = CheckStore(options.store); !checked) {
    return std::move(checked).error();
  }
  if (auto checked = CheckAccounts(options.accounts); !checked) {
    return std::move(checked).error();
  }
  return Result<std::unique_ptr<Collector>>(
      std::make_unique<PollingCollector>(options, std::move(deps)));
}

}  // namespace acronis
