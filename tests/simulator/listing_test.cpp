/// Random lists of tasks and random queries: page by page they are what a plain filter and a plain
/// sort make of all tasks, whichever of its indexes the simulator uses.
///
/// TEST_SEED=N repeats the lists from that number on.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tests/property/dice.h"
#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

using property::Dice;

constexpr int kLists = 40;
constexpr int kQueriesOfAList = 25;
/// As the service ranks them.
constexpr std::array<std::string_view, 5> kStates = {"enqueued", "assigned", "started", "paused",
                                                     "completed"};
constexpr std::array<std::string_view, 3> kQueues = {"a", "b", "c"};

/// Times in nanoseconds behind FakeClock::kStart: a few, so that many tasks share one.
constexpr std::int64_t kLastTime = 6;

struct Task {
  std::int64_t id;
  std::int64_t state;
  std::string queue;
  std::optional<std::int64_t> completed;
  std::int64_t updated;
};

struct Key {
  std::string field;
  bool descending;
};

struct Range {
  std::int64_t from = 0;        ///< Inclusive.
  std::int64_t to = kLastTime;  ///< Inclusive.
};

struct Query {
  std::optional<std::int64_t> state{};
  std::string queue{};
  std::optional<Range> completed{};
  std::optional<Range> updated{};
  std::vector<Key> order{};

  std::string Text() const {
    std::string text;
    const auto add = [&](const std::string& field, const std::string& value) {
      text += (text.empty() ? "" : "&") + field + '=' + Encode(value);
    };
    const auto add_range = [&](const std::string& field, const std::optional<Range>& range) {
      if (range) {
        add(field, "ge(" + Time(range->from) + ")");
        add(field, "lt(" + Time(range->to + 1) + ")");
      }
    };
    if (state) {
      add("state", std::string(kStates.at(static_cast<std::size_t>(*state))));
    }
    if (!queue.empty()) {
      add("queue", queue);
    }
    add_range("completedAt", completed);
    add_range("updatedAt", updated);
    for (const Key& key : order) {
      add("order", (key.descending ? "desc(" : "asc(") + key.field + ')');
    }
    return text;
  }

  bool Matches(const Task& task) const {
    const auto within = [](const std::optional<Range>& range, std::optional<std::int64_t> time) {
      return !range || (time && *time >= range->from && *time <= range->to);
    };
    return (!state || task.state == *state) && (queue.empty() || task.queue == queue) &&
           within(completed, task.completed) && within(updated, task.updated);
  }

  bool Precedes(const Task& a, const Task& b) const {
    for (const Key& key : order) {
      const auto left = ValueOf(a, key.field);
      const auto right = ValueOf(b, key.field);
      if (left != right) {
        return key.descending ? right < left : left < right;
      }
    }
    return !order.empty() && order.front().descending ? b.id < a.id : a.id < b.id;
  }

 private:
  static std::string Time(std::int64_t time) {
    const auto at = test::FakeClock::kStart + std::chrono::nanoseconds(time);
    return std::to_string(at.time_since_epoch().count()) + "ns";
  }

  static std::tuple<std::int64_t, std::string> ValueOf(const Task& task, const std::string& field) {
    return field == "id"            ? std::tuple(task.id, "")
           : field == "state"       ? std::tuple(task.state, "")
           : field == "queue"       ? std::tuple(0, task.queue)
           : field == "completedAt" ? std::tuple(task.completed.value_or(-1), "")
                                    : std::tuple(task.updated, "");
  }
};

class ListingProperty : public SimulatorTest, public ::testing::WithParamInterface<int> {
 protected:
  void AddTasks(Dice& dice) {
    for (std::int64_t left = dice.Number(0, 60); left > 0; --left) {
      Task task{.id = 0,
                .state = dice.Chance(60) ? 4 : dice.Number(0, 3),
                .queue = std::string(dice.OneOf(kQueues)),
                .completed = {},
                .updated = dice.Number(0, kLastTime)};
      NewTask added;
      added.state = kStates.at(static_cast<std::size_t>(task.state));
      added.queue = task.queue;
      added.updated_at = clock_.Now() + std::chrono::nanoseconds(task.updated);
      if (added.state == "completed") {
        task.completed = dice.Number(0, kLastTime);
        added.completed_at = clock_.Now() + std::chrono::nanoseconds(*task.completed);
      }
      task.id = simulator_.AddTask(added);
      tasks_.push_back(task);
    }
  }

  static std::optional<Range> AnyRange(Dice& dice) {
    if (dice.Chance(50)) {
      return std::nullopt;
    }
    const std::int64_t from = dice.Number(0, kLastTime);
    return Range{.from = from, .to = dice.Number(from, kLastTime)};
  }

  static Query AnyQuery(Dice& dice) {
    static const std::vector<std::string> fields = {"id", "state", "queue", "completedAt",
                                                    "updatedAt"};
    Query query;
    if (dice.Chance(60)) {
      query.state = dice.Chance(70) ? 4 : dice.Number(0, 3);
    }
    if (dice.Chance(20)) {
      query.queue = dice.OneOf(kQueues);
    }
    query.completed = AnyRange(dice);
    query.updated = AnyRange(dice);
    for (std::int64_t keys = dice.Number(0, 2); keys > 0; --keys) {
      query.order.push_back({.field = dice.OneOf(fields), .descending = dice.Chance(40)});
    }
    return query;
  }

  std::vector<std::int64_t> Wanted(const Query& query) const {
    std::vector<Task> tasks;
    std::copy_if(tasks_.begin(), tasks_.end(), std::back_inserter(tasks),
                 [&](const Task& task) { return query.Matches(task); });
    std::sort(tasks.begin(), tasks.end(),
              [&](const Task& a, const Task& b) { return query.Precedes(a, b); });
    std::vector<std::int64_t> ids;
    std::transform(tasks.begin(), tasks.end(), std::back_inserter(ids),
                   [](const Task& task) { return task.id; });
    return ids;
  }

  /// Follows the cursors, each page of which may be of another size.
  void CheckPages(const std::string& query, const std::vector<std::int64_t>& wanted, Dice& dice) {
    auto limit = static_cast<int>(dice.Number(1, 20));
    ReadPage page = List(query + (query.empty() ? "" : "&") + "limit=" + std::to_string(limit));
    std::vector<std::int64_t> ids = page.ids;
    while (!page.after.empty() && ids.size() <= wanted.size()) {
      ASSERT_EQ(page.ids.size(), static_cast<std::size_t>(limit));
      limit = static_cast<int>(dice.Number(1, 20));
      page = Next(page, limit);
      ids.insert(ids.end(), page.ids.begin(), page.ids.end());
    }
    EXPECT_EQ(ids, wanted);
  }

  std::vector<Task> tasks_;
};

TEST_P(ListingProperty, PagesAreWhatAFilterAndASortMakeOfAllTasks) {
  const std::uint64_t seed = property::BaseSeed() + static_cast<std::uint64_t>(GetParam());
  SCOPED_TRACE("TEST_SEED=" + std::to_string(seed) + " repeats this list as the first");
  Dice dice(seed);
  AddTasks(dice);
  for (int queries = 0; queries < kQueriesOfAList && !HasFailure(); ++queries) {
    const Query query = AnyQuery(dice);
    const auto wanted = Wanted(query);
    const std::string text = query.Text();
    SCOPED_TRACE(text);
    CheckPages(text, wanted, dice);
    EXPECT_EQ(
        List(text + (text.empty() ? "" : "&") + "lod=count").body->getValue<std::size_t>("size"),
        wanted.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Lists, ListingProperty, ::testing::Range(0, kLists));

}  // namespace
}  // namespace acronis::simulator
