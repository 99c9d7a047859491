#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace acronis::property {

/// One number decides a whole life.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  std::int64_t Number(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random_);
  }
  bool Chance(int percent) { return Number(1, 100) <= percent; }
  std::chrono::nanoseconds Span(std::chrono::nanoseconds from, std::chrono::nanoseconds to) {
    return std::chrono::nanoseconds(Number(from.count(), to.count()));
  }
  template <typename Container>
  auto& OneOf(Container& container) {
    return container[static_cast<std::size_t>(
        Number(0, static_cast<std::int64_t>(container.size()) - 1))];
  }
  std::mt19937_64& Source() { return random_; }

 private:
  std::mt19937_64 random_;
};

/// TEST_SEED, else a random one; printed by whoever uses it.
inline std::uint64_t BaseSeed() {
  const char* const given = std::getenv("TEST_SEED");
  static const std::uint64_t kSeed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  return kSeed;
}

}  // namespace acronis::property
