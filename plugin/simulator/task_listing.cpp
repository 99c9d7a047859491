#include "plugin/simulator/task_listing.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "plugin/simulator/task_filter.h"
#include "plugin/simulator/task_view.h"

namespace acronis::simulator {

namespace {

using Index = TaskStore::Index;
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

const Condition* FindCondition(const ListQuery& query, Field field) {
  const auto found = std::find_if(query.conditions.begin(), query.conditions.end(),
                                  [field](const Condition& c) { return c.field->field == field; });
  return found == query.conditions.end() ? nullptr : &*found;
}

/// Inclusive bounds that follow from comparisons; anything when there are none.
struct Bounds {
  std::int64_t low = kNoTime;
  std::int64_t high = kMax;

  void Apply(const Test& test) {
    if (test.op == Operator::kGreater) {
      low = test.number == kMax ? kMax : std::max(low, test.number + 1);
    } else if (test.op == Operator::kGreaterOrEqual) {
      low = std::max(low, test.number);
    } else if (test.op == Operator::kLess) {
      high = std::min(high, test.number == kNoTime ? kNoTime : test.number - 1);
    } else if (test.op == Operator::kLessOrEqual) {
      high = std::min(high, test.number);
    }
  }
};

Bounds BoundsOf(const Condition* condition) {
  Bounds bounds;
  if (condition != nullptr) {
    std::for_each(condition->all_of.begin(), condition->all_of.end(),
                  [&](const Test& test) { bounds.Apply(test); });
    if (!condition->all_of.empty()) {
      bounds.low = std::max(bounds.low, kNoTime + 1);  // An absent time is in no interval.
    }
  }
  return bounds;
}

/// Only comparisons: the bounds say all there is to say.
bool IsInterval(const Condition& condition) {
  return condition.any_of.empty() && condition.none_of.empty() &&
         condition.null_test == NullTest::kNone;
}

bool Allows(const Condition* states, std::int64_t rank) {
  if (states == nullptr) {
    return true;
  }
  const auto is_rank = [rank](const Test& test) { return test.number == rank; };
  const auto& any = states->any_of;
  return any.empty() || std::any_of(any.begin(), any.end(), is_rank);
}

bool IsExactly(const Condition& condition, std::int64_t value) {
  return condition.any_of.size() == 1 && condition.any_of.front().number == value &&
         condition.all_of.empty() && condition.null_test == NullTest::kNone;
}

/// Fills one page from items that come in order.
class PageTaker {
 public:
  PageTaker(std::int64_t offset, std::int64_t limit) : offset_(offset), limit_(limit) {}

  void Take(Index index) {
    if (Full() || seen_++ < offset_) {
      return;
    }
    if (static_cast<std::int64_t>(listing_.items.size()) == limit_) {
      listing_.more = true;
    } else {
      listing_.items.push_back(index);
    }
  }
  /// The page is complete, and it is known that there is another one.
  bool Full() const { return listing_.more; }
  Listing Done() { return std::move(listing_); }

 private:
  std::int64_t offset_;
  std::int64_t limit_;
  std::int64_t seen_ = 0;
  Listing listing_;
};

}  // namespace

/// How a query is answered.
struct TaskLister::Plan {
  const ListQuery& query;
  const ListScope& scope;
  const Condition* states = nullptr;
  Field indexed = Field::kId;         ///< The order of `finished`.
  std::span<const Index> finished{};  ///< Candidates, ascending.
  bool in_flight = true;              ///< Tasks in flight are candidates too.
  bool ordered = false;               ///< `finished` is in the wanted order, or in its reverse.
  bool descending = false;
  bool exact = false;  ///< Every candidate matches, and only finished ones are wanted.
};

/// An item with what it is sorted by.
struct TaskLister::Keyed {
  std::vector<std::int64_t> numbers{};  ///< One per key; of a text key: 0.
  std::vector<std::string> texts{};     ///< One per key; of a numeric key: empty.
  std::int64_t id = 0;
  Index index = 0;

  bool Precedes(const Keyed& other, const std::vector<OrderKey>& order) const;
};

TaskView TaskLister::View(Index index) const {
  const TaskRecord& record = store_.At(index);
  return {record, store_.Pool(), tenants_[record.tenant]};
}

void TaskLister::ChooseCandidates(Plan& plan) const {
  const Condition* const completion = FindCondition(plan.query, Field::kCompletedAt);
  const Condition* const update = FindCondition(plan.query, Field::kUpdatedAt);
  const auto& keys = plan.query.order;
  const Field order = keys.empty() ? Field::kId : keys.front().field->field;
  const auto cut = [&](std::span<const Index> index, std::int64_t TaskRecord::*time,
                       const Condition* condition) {
    const Bounds bounds = BoundsOf(condition);
    const auto first = std::partition_point(
        index.begin(), index.end(), [&](Index at) { return store_.At(at).*time < bounds.low; });
    const auto last = std::partition_point(
        first, index.end(), [&](Index at) { return store_.At(at).*time <= bounds.high; });
    return std::span(first, last);
  };
  const bool by_completion =
      order == Field::kCompletedAt || (order != Field::kUpdatedAt && completion != nullptr);
  if (by_completion) {
    plan.indexed = Field::kCompletedAt;
    plan.finished = cut(store_.ByCompletion(), &TaskRecord::completed, completion);
  } else if (order == Field::kUpdatedAt || update != nullptr) {
    plan.indexed = Field::kUpdatedAt;
    plan.finished = cut(store_.ByUpdate(), &TaskRecord::updated, update);
  } else {
    plan.finished = store_.ById();
  }
  plan.ordered = order == plan.indexed && keys.size() < 2;
}

bool TaskLister::IsExact(const Plan& plan) const {
  const bool explained = std::all_of(
      plan.query.conditions.begin(), plan.query.conditions.end(), [&](const Condition& condition) {
        return condition.field->kind == FieldKind::kFlag || &condition == plan.states ||
               (condition.field->field == plan.indexed && IsInterval(condition));
      });
  const auto by_completion = store_.ByCompletion();
  const bool all_kept =
      by_completion.empty() || store_.At(by_completion.front()).completed >= plan.scope.oldest_kept;
  return explained && !plan.in_flight && all_kept && plan.scope.locator == "/1/";
}

TaskLister::Plan TaskLister::MakePlan(const ListQuery& query, const ListScope& scope) const {
  const auto completed_rank = *EnumRank(Field::kState, "completed");
  Plan plan{query, scope};
  plan.states = FindCondition(query, Field::kState);
  plan.in_flight = plan.states == nullptr || !IsExactly(*plan.states, completed_rank);
  plan.descending = !query.order.empty() && query.order.front().descending;
  ChooseCandidates(plan);
  if (!Allows(plan.states, completed_rank)) {
    plan.finished = {};
  }
  plan.exact = IsExact(plan);
  return plan;
}

bool TaskLister::Visible(Index index, const Plan& plan) const {
  const TaskRecord& record = store_.At(index);
  if (record.completed != kNoTime && record.completed < plan.scope.oldest_kept) {
    return false;
  }
  return tenants_[record.tenant].locator.starts_with(plan.scope.locator) &&
         Matches(View(index), plan.query.conditions);
}

Listing TaskLister::Slice(const Plan& plan, std::int64_t offset, std::int64_t limit) {
  Listing listing;
  const auto total = static_cast<std::int64_t>(plan.finished.size());
  const std::int64_t end = offset + std::min(limit, std::max<std::int64_t>(total - offset, 0));
  for (std::int64_t at = offset; at < end; ++at) {
    const std::int64_t place = plan.descending ? total - 1 - at : at;
    listing.items.push_back(plan.finished[static_cast<std::size_t>(place)]);
  }
  listing.more = end < total;
  return listing;
}

Listing TaskLister::Walk(const Plan& plan, std::int64_t offset, std::int64_t limit) const {
  std::vector<Index> flying;
  if (plan.in_flight) {
    flying = Sorted(Collect(plan, false), plan.query.order, 0, kMax).items;
  }
  PageTaker page(offset, limit);
  auto next_flying = flying.begin();
  const auto take_flying_before = [&](const Index* finished) {
    while (next_flying != flying.end() && !page.Full() &&
           (finished == nullptr || Precedes(*next_flying, *finished, plan))) {
      page.Take(*next_flying++);
    }
  };
  const std::size_t total = plan.finished.size();
  for (std::size_t at = 0; at < total && !page.Full(); ++at) {
    const Index index = plan.finished[plan.descending ? total - 1 - at : at];
    if (Visible(index, plan)) {
      take_flying_before(&index);
      page.Take(index);
    }
  }
  take_flying_before(nullptr);
  return page.Done();
}

bool TaskLister::Precedes(Index a, Index b, const Plan& plan) const {
  const auto left = std::pair(View(a).Number(plan.indexed), store_.At(a).id);
  const auto right = std::pair(View(b).Number(plan.indexed), store_.At(b).id);
  return plan.descending ? right < left : left < right;
}

std::vector<Index> TaskLister::Collect(const Plan& plan, bool with_finished) const {
  if (with_finished && plan.exact) {
    return {plan.finished.begin(), plan.finished.end()};
  }
  std::vector<Index> items;
  const auto add = [&](Index index) {
    if (Visible(index, plan)) {
      items.push_back(index);
    }
  };
  if (with_finished) {
    std::for_each(plan.finished.begin(), plan.finished.end(), add);
  }
  if (plan.in_flight) {
    std::for_each(store_.InFlight().begin(), store_.InFlight().end(), add);
  }
  return items;
}

TaskLister::Keyed TaskLister::KeyOf(Index index, const std::vector<OrderKey>& order) const {
  Keyed item;
  item.index = index;
  item.id = store_.At(index).id;
  for (const OrderKey& key : order) {
    const bool numeric = IsNumeric(key.field->kind);
    item.numbers.push_back(numeric ? View(index).Number(key.field->field).value_or(kNoTime) : 0);
    item.texts.push_back(numeric ? std::string() : View(index).Text(key.field->field));
  }
  return item;
}

bool TaskLister::Keyed::Precedes(const Keyed& other, const std::vector<OrderKey>& order) const {
  for (std::size_t n = 0; n < order.size(); ++n) {
    const auto mine = std::tie(numbers[n], texts[n]);
    const auto theirs = std::tie(other.numbers[n], other.texts[n]);
    if (mine != theirs) {
      return order[n].descending ? theirs < mine : mine < theirs;
    }
  }
  const bool descending = !order.empty() && order.front().descending;
  return descending ? other.id < id : id < other.id;
}

Listing TaskLister::Sorted(const std::vector<Index>& items, const std::vector<OrderKey>& order,
                           std::int64_t offset, std::int64_t limit) const {
  std::vector<Keyed> keyed;
  keyed.reserve(items.size());
  std::transform(items.begin(), items.end(), std::back_inserter(keyed),
                 [&](Index index) { return KeyOf(index, order); });
  const auto precedes = [&](const Keyed& a, const Keyed& b) { return a.Precedes(b, order); };
  const auto first = keyed.begin() + std::min(offset, keyed.end() - keyed.begin());
  const auto last = first + std::min(limit, keyed.end() - first);
  std::nth_element(keyed.begin(), first, keyed.end(), precedes);
  std::partial_sort(first, last, keyed.end(), precedes);
  Listing listing;
  std::transform(first, last, std::back_inserter(listing.items),
                 [](const Keyed& item) { return item.index; });
  listing.more = last != keyed.end();
  return listing;
}

Listing TaskLister::List(const ListQuery& query, const ListScope& scope, std::int64_t offset,
                         std::int64_t limit) const {
  const Plan plan = MakePlan(query, scope);
  if (plan.ordered) {
    return plan.exact ? Slice(plan, offset, limit) : Walk(plan, offset, limit);
  }
  return Sorted(Collect(plan, true), query.order, offset, limit);
}

std::uint64_t TaskLister::Count(const ListQuery& query, const ListScope& scope) const {
  const Plan plan = MakePlan(query, scope);
  return plan.exact ? plan.finished.size() : Collect(plan, true).size();
}

}  // namespace acronis::simulator
