#include "tests/exporter/exposition/generated_snapshot.h"

#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "tests/fakes/sample_snapshot.h"

namespace acronis::exporter {
namespace {

constexpr std::array<std::string_view, 26> kPieces = {"\\",
                                                      "\"",
                                                      "\n",
                                                      "{",
                                                      "}",
                                                      "=",
                                                      ",",
                                                      " ",
                                                      "  ",
                                                      "#",
                                                      " # ",
                                                      "a",
                                                      "Z",
                                                      "n",
                                                      "\r",
                                                      "\t",
                                                      std::string_view("\0", 1),
                                                      "# EOF",
                                                      "\\n",
                                                      "é",
                                                      "備",
                                                      "\U0001F642",
                                                      "\"} 1",
                                                      "\u2028",
                                                      "0",
                                                      "\x7f"};

std::uint64_t Below(std::mt19937_64& random, std::uint64_t bound) {
  return random() % bound;
}

TimePoint SomeTime(std::mt19937_64& random) {
  return TimePoint(std::chrono::nanoseconds(1'700'000'000'000'000'000 +
                                            static_cast<std::int64_t>(Below(random, 1ULL << 56U))));
}

std::shared_ptr<const QueueCounts> SomeQueue(std::mt19937_64& random) {
  auto queue = std::make_shared<QueueCounts>();
  queue->born_at = SomeTime(random);
  for (std::size_t i = 0; i < kResultCodeCount; ++i) {
    queue->completed.at(i) = random() >> Below(random, 64);
    if (Below(random, 2) == 0) {
      queue->last_completion.at(i) = SomeTime(random);
    }
  }
  for (std::size_t i = Below(random, 15); i-- > 0;) {
    queue->duration.buckets.push_back(random() >> (20 + Below(random, 44)));
  }
  queue->duration.sum_us = static_cast<std::int64_t>(random() >> (10 + Below(random, 54)));
  return queue;
}

AccountView SomeAccount(std::mt19937_64& random, std::string name) {
  auto counts = std::make_shared<AccountCounts>();
  counts->account = std::move(name);
  counts->baseline_complete = true;
  if (Below(random, 3) != 0) {
    counts->start = SomeTime(random);
    counts->watermark = SomeTime(random);
  }
  counts->books.received = random();
  auto listing = std::make_shared<InFlightCounts>();
  for (std::size_t i = Below(random, 6); i-- > 0;) {
    const std::string queue = HostileText(random, 12);
    counts->queues[queue] = SomeQueue(random);
    (*listing)[queue] = {InFlightCount{Below(random, 9), SomeTime(random)}, {}, {}, {}};
  }
  const bool listed = Below(random, 2) == 0;
  return {counts, Below(random, 2) == 0, listed, listed ? listing : nullptr};
}

}  // namespace

std::string HostileText(std::mt19937_64& random, std::size_t most_characters) {
  std::string text;
  for (std::size_t i = Below(random, most_characters + 1); i-- > 0;) {
    text += kPieces.at(Below(random, kPieces.size()));
  }
  return text;
}

Snapshot GeneratedSnapshot(std::mt19937_64& random) {
  Snapshot snapshot;
  snapshot.generation = random();
  snapshot.store = {.id = HostileText(random, 5), .engine = "sqlite", .size_bytes = random()};
  for (std::size_t i = Below(random, 4); i-- > 0;) {
    snapshot.accounts.push_back(SomeAccount(random, std::to_string(i) + HostileText(random, 8)));
  }
  return snapshot;
}

}  // namespace acronis::exporter
