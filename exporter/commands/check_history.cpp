#include "exporter/commands/check_history.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include "plugin/core/duration.h"

namespace acronis::exporter {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;
using std::chrono::nanoseconds;

constexpr int kFormat = 1;
/// So many totals are kept for one window.
constexpr int kSteps = 60;
constexpr std::uint32_t kTotalFields = 4;

bool Has(const std::vector<std::string>& accounts, const std::string& account) {
  return std::ranges::binary_search(accounts, account);
}

std::uint64_t TotalOf(const SeriesTotals& totals, const TaskSeries& series) {
  const auto found = totals.find(series);
  return found == totals.end() ? 0 : found->second;
}

/// An account that is gone takes its totals with it; that is no step back.
bool WentDown(const SeenTotals& before, const ExporterPicture& now) {
  return std::ranges::any_of(before.totals, [&](const auto& total) {
    const auto& [series, tasks] = total;
    return Has(now.accounts, series.account) && TotalOf(now.totals, series) < tasks;
  });
}

/// Why the picture does not go on where the history ends; empty if it does.
std::string WhyAnew(const CheckHistory& history, const ExporterPicture& picture) {
  if (history.seen.empty()) {
    return {};
  }
  if (history.store != picture.store) {
    return "the exporter counts into another store than before; counting begins anew";
  }
  return WentDown(history.seen.back(), picture)
             ? "the exporter's counts went back; counting begins anew"
             : "";
}

/// From which totals the window begins; null when nothing fits.
const SeenTotals* BeginningOf(const CheckHistory& history, const ExporterPicture& picture,
                              TimePoint wanted) {
  const SeenTotals* beginning = nullptr;
  for (const SeenTotals& seen : history.seen) {
    if (std::ranges::includes(seen.accounts, picture.accounts) &&
        (beginning == nullptr || seen.time <= wanted)) {
      beginning = &seen;
    }
  }
  return beginning;
}

std::string WindowText(nanoseconds length, nanoseconds since, bool anew) {
  std::string text = "the last " + DurationText(length);
  if (length < since) {
    text += anew ? ", since counting began anew" : ", since the first check";
  }
  return text;
}

/// Series that completed something, although no difference of totals shows it yet.
void AddLastCompletions(const ExporterPicture& picture, TimePoint begin, WindowCounts& counts) {
  std::uint64_t added = 0;
  for (const auto& [series, time] : picture.last_completion) {
    std::uint64_t& tasks = counts.completed[series];
    if (tasks == 0 && time > ToUnixSeconds(begin)) {
      tasks = 1;
      ++added;
    }
  }
  if (added > 0) {
    counts.notes.push_back("counted as one task each because of their last completion: series " +
                           std::to_string(added));
  }
}

void Remember(CheckHistory& history, const ExporterPicture& picture, nanoseconds since,
              TimePoint now) {
  history.store = picture.store;
  const bool wanted = history.seen.empty() || now - history.seen.back().time >= since / kSteps ||
                      history.seen.back().accounts != picture.accounts;
  if (wanted && picture.caught_up) {
    history.seen.push_back({now, picture.accounts, picture.totals});
  }
}

Object::Ptr ToJson(const SeenTotals& seen) {
  Array accounts;
  for (const std::string& account : seen.accounts) {
    accounts.add(account);
  }
  Array totals;
  for (const auto& [series, tasks] : seen.totals) {
    Array total;
    total.add(series.account);
    total.add(series.queue);
    total.add(series.result_code);
    total.add(tasks);
    totals.add(total);
  }
  Object::Ptr object = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
  object->set("time", seen.time.time_since_epoch().count());
  object->set("accounts", accounts);
  object->set("totals", totals);
  return object;
}

/// What the parsing library throws ends in ReadHistory().
Array::Ptr ArrayOf(const Object& object, const std::string& key) {
  Array::Ptr array = object.getArray(key);
  if (array.isNull()) {
    throw std::runtime_error("no array " + key);
  }
  return array;
}

SeenTotals FromJson(const Object& object) {
  SeenTotals seen;
  seen.time = TimePoint(nanoseconds(object.getValue<std::int64_t>("time")));
  for (const auto& account : *ArrayOf(object, "accounts")) {
    seen.accounts.push_back(account.extract<std::string>());
  }
  const Array::Ptr totals = ArrayOf(object, "totals");
  for (unsigned i = 0; i < totals->size(); ++i) {
    const Array::Ptr total = totals->getArray(i);
    if (total.isNull() || total->size() != kTotalFields) {
      throw std::runtime_error("not a total");
    }
    const TaskSeries series{total->get(0).extract<std::string>(),
                            total->get(1).extract<std::string>(),
                            total->get(2).extract<std::string>()};
    seen.totals[series] = total->getElement<std::uint64_t>(3);
  }
  return seen;
}

CheckHistory HistoryFrom(const Object& object, const std::string& question) {
  if (object.getValue<int>("format") != kFormat ||
      object.getValue<std::string>("question") != question) {
    throw std::runtime_error("of another question");
  }
  CheckHistory history{object.getValue<std::string>("store"), object.getValue<bool>("anew"), {}};
  const Array::Ptr seen = ArrayOf(object, "seen");
  for (unsigned i = 0; i < seen->size(); ++i) {
    const Object::Ptr entry = seen->getObject(i);
    if (entry.isNull()) {
      throw std::runtime_error("not what a check saw");
    }
    history.seen.push_back(FromJson(*entry));
    if (!std::ranges::is_sorted(history.seen, {}, &SeenTotals::time) ||
        !std::ranges::is_sorted(history.seen.back().accounts)) {
      throw std::runtime_error("not in order");
    }
  }
  return history;
}

}  // namespace

WindowCounts CountSince(CheckHistory& history, const ExporterPicture& picture, nanoseconds since,
                        TimePoint now) {
  std::erase_if(history.seen, [&](const SeenTotals& seen) { return seen.time > now; });
  WindowCounts counts;
  counts.several_accounts = picture.accounts.size() > 1;
  counts.incomplete = picture.incomplete;
  if (const std::string why = WhyAnew(history, picture); !why.empty()) {
    counts.notes.push_back(why);
    history = {.store = {}, .anew = true, .seen = {}};
  }
  const SeenTotals* const beginning = BeginningOf(history, picture, now - since);
  counts.length = beginning == nullptr ? nanoseconds::zero() : now - beginning->time;
  counts.window = WindowText(counts.length, since, history.anew);
  for (const auto& [series, tasks] : picture.totals) {
    counts.completed[series] =
        beginning == nullptr ? 0 : tasks - TotalOf(beginning->totals, series);
  }
  AddLastCompletions(picture, now - since, counts);
  if (counts.length >= since && beginning != nullptr) {
    history.seen.erase(history.seen.begin(),
                       history.seen.begin() + (beginning - history.seen.data()));
  }
  Remember(history, picture, since, now);
  return counts;
}

std::string WriteHistory(const CheckHistory& history, const std::string& question) {
  Array seen;
  for (const SeenTotals& totals : history.seen) {
    seen.add(ToJson(totals));
  }
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("format", kFormat);
  object.set("question", question);
  object.set("store", history.store);
  object.set("anew", history.anew);
  object.set("seen", seen);
  std::ostringstream out;
  object.stringify(out);
  return out.str() + "\n";
}

Result<CheckHistory> ReadHistory(const std::string& text, const std::string& question) {
  try {
    const auto object = Poco::JSON::Parser().parse(text).extract<Object::Ptr>();
    return HistoryFrom(*object, question);
  } catch (const std::exception&) {
    return Error{ErrorKind::kInvalidResponse, "cannot be understood"};
  }
}

}  // namespace acronis::exporter
