#include "exporter/commands/store.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>
#include <utility>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "plugin/core/time_format.h"

namespace acronis::exporter {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

std::string TimeOr(const std::optional<TimePoint>& time, const std::string& otherwise) {
  return time ? FormatRfc3339(*time) : otherwise;
}

/// As the API writes times; absent values are null.
Poco::Dynamic::Var JsonTime(const std::optional<TimePoint>& time) {
  return time ? Poco::Dynamic::Var(FormatRfc3339(*time)) : Poco::Dynamic::Var();
}

template <typename Numbers>
Array ToArray(const Numbers& numbers) {
  Array array;
  for (const auto number : numbers) {
    array.add(number);
  }
  return array;
}

Object ToObject(const Histogram& histogram) {
  constexpr double kMicrosecondsPerSecond = 1e6;
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("buckets", ToArray(histogram.buckets));
  object.set("sum_seconds", static_cast<double>(histogram.sum_us) / kMicrosecondsPerSecond);
  return object;
}

Object ToObject(const std::string& name, const QueueCounts& queue, bool held) {
  Object completed(Poco::JSON_PRESERVE_KEY_ORDER);
  Object last(Poco::JSON_PRESERVE_KEY_ORDER);
  for (const ResultCode code : kResultCodes) {
    const auto index = static_cast<std::size_t>(code);
    completed.set(std::string(ToLabel(code)), queue.completed[index]);
    last.set(std::string(ToLabel(code)), JsonTime(queue.last_completion[index]));
  }
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("queue", name);
  object.set("born_at", FormatRfc3339(queue.born_at));
  object.set("held_at_zero", held);
  object.set("completed", completed);
  object.set("last_completion", last);
  object.set("duration", ToObject(queue.duration));
  object.set("queue_wait", ToObject(queue.queue_wait));
  return object;
}

Object ToObject(const Books& books) {
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  const std::array<std::pair<const char*, std::uint64_t>, 8> rows = {
      {{"received", books.received},
       {"counted", books.counted},
       {"duplicate", books.duplicate},
       {"discarded_late", books.discarded_late},
       {"invalid", books.invalid},
       {"changed_result", books.changed_result},
       {"changed_completion_time", books.changed_completion_time},
       {"late", books.late}}};
  for (const auto& [name, value] : rows) {
    object.set(name, value);
  }
  return object;
}

Object ToObject(const StoredAccountReport& account) {
  Array queues;
  for (const auto& [name, queue] : account.counts->queues) {
    const bool held = std::ranges::find(account.held, name) != account.held.end();
    queues.add(ToObject(name, *queue, held));
  }
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("account", account.counts->account);
  object.set("base_url", account.base_url);
  object.set("tenant", account.tenant);
  object.set("filters", account.filters);
  object.set("start", JsonTime(account.start));
  object.set("baseline_end", JsonTime(account.baseline_end));
  object.set("baseline_complete", account.counts->baseline_complete);
  object.set("watermark", JsonTime(account.watermark));
  object.set("horizon", JsonTime(account.horizon));
  object.set("last_sweep", JsonTime(account.last_sweep));
  object.set("data_gap_seconds", std::chrono::duration<double>(account.counts->data_gap).count());
  object.set("ids", account.counts->dedupe_entries);
  object.set("books", ToObject(account.counts->books));
  object.set("queues", queues);
  return object;
}

void PrintStats(const StoreReport& report, std::ostream& out) {
  out << "store      " << report.store.id << "\n"
      << "size       " << report.store.size_bytes << " bytes\n"
      << "commits    " << report.commits << "\n"
      << "accounts   " << report.accounts.size() << "\n";
  for (const StoredAccountReport& account : report.accounts) {
    const AccountCounts& counts = *account.counts;
    out << "\naccount    " << counts.account << "\n"
        << "base_url   " << account.base_url << "\n"
        << "queues     " << counts.queues.size() << " (" << account.held.size()
        << " still shown as 0)\n"
        << "series     " << counts.queues.size() * kResultCodeCount << " counters\n"
        << "counted    " << counts.books.counted << " of " << counts.books.received << " records\n"
        << "ids        " << counts.dedupe_entries << "\n"
        << "start      " << TimeOr(account.start, "not yet known") << "\n"
        << "baseline   " << (counts.baseline_complete ? "complete" : "under way") << "\n"
        << "watermark  " << TimeOr(account.watermark, "none yet") << "\n"
        << "horizon    " << TimeOr(account.horizon, "none yet") << "\n"
        << "last sweep " << TimeOr(account.last_sweep, "none yet") << "\n";
  }
}

int Complain(const Error& error, std::ostream& err) {
  err << "acronis_task_exporter: " << error.message << "\n";
  return kExitFailure;
}

int Look(StoreAction action, const StoreOptions& store, const StoreStreams& streams) {
  const auto report = ReadStore(store, action == StoreAction::kCheck);
  if (!report) {
    return Complain(report.error(), streams.err);
  }
  if (action == StoreAction::kExport) {
    streams.out << ToJson(*report) << "\n";
  } else if (action == StoreAction::kStats) {
    PrintStats(*report, streams.out);
  } else {
    streams.out << "the store is good: " << store.path.string() << ", id " << report->store.id
                << ", " << report->commits << " commits\n";
  }
  return kExitOk;
}

int NewEpoch(const StoreOptions& store, const StoreStreams& streams) {
  const auto id = BeginNewEpoch(store);
  if (!id) {
    return Complain(id.error(), streams.err);
  }
  streams.out << "a new epoch has begun: " << store.path.string() << " counts from 0, its id is "
              << *id << "\n";
  return kExitOk;
}

int Accept(const std::string& name, const StoreOptions& store,
           const std::vector<AccountOptions>& accounts, const StoreStreams& streams) {
  const auto account = std::ranges::find(accounts, name, &AccountOptions::name);
  if (account == accounts.end()) {
    return Complain(
        {ErrorKind::kInvalidArgument, "the configuration has no account '" + name +
                                          "'; its base_url and tenant are what is accepted"},
        streams.err);
  }
  if (const Status accepted = AcceptAccount(store, *account); !accepted) {
    return Complain(accepted.error(), streams.err);
  }
  streams.out << "account '" << name << "' goes on as " << account->base_url << "\n";
  return kExitOk;
}

}  // namespace

std::string ToJson(const StoreReport& report) {
  Array accounts;
  for (const StoredAccountReport& account : report.accounts) {
    accounts.add(ToObject(account));
  }
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("store_id", report.store.id);
  object.set("engine", report.store.engine);
  object.set("size_bytes", report.store.size_bytes);
  object.set("commits", report.commits);
  object.set("duration_bounds", ToArray(report.duration_bounds));
  object.set("queue_wait_bounds", ToArray(report.queue_wait_bounds));
  object.set("accounts", accounts);
  std::ostringstream text;
  object.stringify(text, 2);
  return text.str();
}

int RunStore(const StoreArguments& arguments, const StoreOptions& store,
             const std::vector<AccountOptions>& accounts, const StoreStreams& streams) {
  if (const Status checked = CheckStore(store); !checked) {
    return Complain(checked.error(), streams.err);
  }
  switch (arguments.action) {
    case StoreAction::kCheck:
    case StoreAction::kStats:
    case StoreAction::kExport:
      return Look(arguments.action, store, streams);
    case StoreAction::kNewEpoch:
      return NewEpoch(store, streams);
    case StoreAction::kAcceptAccount:
      return Accept(arguments.account, store, accounts, streams);
  }
  return kExitFailure;
}

}  // namespace acronis::exporter
