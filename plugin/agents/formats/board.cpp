#include "plugin/agents/formats/board.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "plugin/metrics/task_families.h"

namespace acronis::agents {
namespace {

namespace families = metrics::task_families;
using metrics::Sample;

Value ValueOf(Topic topic, const Sample& sample, std::string_view detail) {
  return {.topic = topic,
          .account = std::string(sample.Label("account")),
          .queue = std::string(sample.Label("queue")),
          .detail = std::string(detail),
          .value = sample.value};
}

class Reader {
 public:
  explicit Reader(const BoardRules& rules) : rules_(rules) {}

  void Read(const metrics::Family& family) {
    const auto& known = Readers();
    if (const auto found = known.find(family.name); found != known.end()) {
      for (const Sample& sample : family.samples) {
        (this->*found->second)(sample);
      }
    }
  }

  std::vector<Value> Finish() {
    for (auto& [key, value] : failed_) {
      values_.push_back(std::move(value));
    }
    for (auto& [key, value] : oldest_) {
      values_.push_back(std::move(value));
    }
    std::ranges::sort(values_, {}, [](const Value& value) {
      return std::tie(value.account, value.queue, value.topic.name, value.detail);
    });
    return std::move(values_);
  }

 private:
  using ReadSample = void (Reader::*)(const Sample&);
  using Key = std::pair<std::string_view, std::string_view>;  // Account and queue, of the page.

  static const std::map<std::string_view, ReadSample>& Readers() {
    static const std::map<std::string_view, ReadSample> readers = {
        {families::kUp.name, &Reader::Up},
        {families::kCompleted.name, &Reader::Completed},
        {families::kInFlight.name, &Reader::InFlight},
        {families::kInFlightOldest.name, &Reader::Oldest},
        {families::kLastSuccess.name, &Reader::LastSuccess},
        {families::kWatermark.name, &Reader::Watermark},
        {families::kProcessed.name, &Reader::Processed},
    };
    return readers;
  }

  void Up(const Sample& sample) { values_.push_back(ValueOf(topics::kUp, sample, "")); }

  void Completed(const Sample& sample) {
    const std::string_view code = sample.Label("result_code");
    values_.push_back(ValueOf(topics::kCompleted, sample, code));
    Value& failed = failed_
                        .try_emplace(Key(sample.Label("account"), sample.Label("queue")),
                                     ValueOf(topics::kFailed, Sample{"", sample.labels, 0}, ""))
                        .first->second;
    if (std::ranges::find(rules_.success_codes, code) == rules_.success_codes.end()) {
      failed.value += sample.value;
    }
  }

  void InFlight(const Sample& sample) {
    values_.push_back(ValueOf(topics::kInFlight, sample, sample.Label("state")));
  }

  /// Of all states.
  void Oldest(const Sample& sample) {
    Value age = Age(sample, "oldest_in_flight");
    auto& [key, oldest] =
        *oldest_.try_emplace(Key(sample.Label("account"), sample.Label("queue")), age).first;
    oldest.value = std::max(oldest.value, age.value);
  }

  void LastSuccess(const Sample& sample) { values_.push_back(Age(sample, "last_success")); }
  void Watermark(const Sample& sample) { values_.push_back(Age(sample, "watermark")); }

  void Processed(const Sample& sample) {
    values_.push_back(ValueOf(topics::kProcessed, sample, sample.Label("outcome")));
  }

  Value Age(const Sample& sample, std::string_view detail) const {
    Value age = ValueOf(topics::kAge, sample, detail);
    age.value = std::max(0.0, ToUnixSeconds(rules_.now) - sample.value);
    return age;
  }

  const BoardRules& rules_;
  std::vector<Value> values_;
  std::map<Key, Value> failed_;
  std::map<Key, Value> oldest_;
};

}  // namespace

std::int64_t Whole(double value) {
  constexpr double kMost = 9e18;
  return std::isnan(value) ? 0 : std::llround(std::clamp(value, -kMost, kMost));
}

std::vector<Value> MakeBoard(const metrics::Families& page, const BoardRules& rules) {
  Reader reader(rules);
  for (const metrics::Family& family : page) {
    reader.Read(family);
  }
  return reader.Finish();
}

}  // namespace acronis::agents
