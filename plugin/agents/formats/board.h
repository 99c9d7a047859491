#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/clock.h"
#include "plugin/metrics/sample.h"

namespace acronis::agents {

/// What a value of a Board says. The word is part of the public names of the agents' metrics.
struct Topic {
  std::string_view name;  ///< `completed`; a constant of the program.
  metrics::MetricType type;
};

namespace topics {
/// 1 if the last poll of the account succeeded. No detail.
inline constexpr Topic kUp{"up", metrics::MetricType::kGauge};
/// Tasks completed, by result code. Detail: the result code.
inline constexpr Topic kCompleted{"completed", metrics::MetricType::kCounter};
/// Those whose result code does not mean success. No detail.
inline constexpr Topic kFailed{"failed", metrics::MetricType::kCounter};
/// Tasks not completed yet. Detail: their state.
inline constexpr Topic kInFlight{"in_flight", metrics::MetricType::kGauge};
/// Seconds since something happened, 0 or more; absent when it never did. Detail: `last_success`
/// and `oldest_in_flight` of a queue, `watermark` of an account.
inline constexpr Topic kAge{"age", metrics::MetricType::kGauge};
/// Records received, by what became of them. Detail: the outcome.
inline constexpr Topic kProcessed{"processed", metrics::MetricType::kCounter};
}  // namespace topics

/// One number for an agent that has a few names where Prometheus has labels.
struct Value {
  Topic topic;
  std::string account{};
  std::string queue{};   ///< Empty: of the account as a whole.
  std::string detail{};  ///< May be empty.
  double value = 0;
};

/// How a Board reads a page.
struct BoardRules {
  std::vector<std::string> success_codes{"ok", "warning"};
  TimePoint now{};  ///< What ages are measured to.
};

/// The part of a page that such agents show, by account, then queue, then topic, then detail; the
/// same numbers as on the page. Times become ages, because these agents keep too few digits of a
/// time or cannot subtract one from now. Histograms and what the program tells of itself are left
/// out.
std::vector<Value> MakeBoard(const metrics::Families& page, const BoardRules& rules);

/// The nearest whole number, for agents that take 64 bits with a sign: at most 9e18 either way, 0
/// for what is no number.
std::int64_t Whole(double value);

}  // namespace acronis::agents
