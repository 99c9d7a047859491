#include "plugin/ledger/seen_ids.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>
#include <utility>

#include "plugin/ledger/mix.h"

namespace acronis::ledger {
namespace {

constexpr std::size_t kFewestPlaces = 16;
constexpr std::uint8_t kMoved = 0x80;
/// Full when 7 of 8 places are taken.
constexpr std::size_t kEighths = 8;
constexpr std::size_t kFullEighths = 7;

}  // namespace

Second SecondOf(TimePoint time) {
  const std::int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return static_cast<Second>(
      std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<Second>::max()));
}

SeenIds::SeenIds()
    : salt_((std::uint64_t{std::random_device{}()} << 32U) | std::random_device{}()) {
  Rebuild(kFewestPlaces);
}

std::size_t SeenIds::HomeOf(std::int64_t id) const {
  return Mix(static_cast<std::uint64_t>(id) ^ salt_) & (flags_.size() - 1);
}

std::size_t SeenIds::PlaceOf(std::int64_t id) const {
  std::size_t place = HomeOf(id);
  while (flags_[place] != 0 && ids_[place] != id) {
    place = Next(place);
  }
  return place;
}

std::optional<SeenTask> SeenIds::Find(std::int64_t id) const {
  const std::size_t place = PlaceOf(id);
  const std::uint8_t flags = flags_[place];
  if (flags == 0) {
    return std::nullopt;
  }
  const bool moved = (flags & kMoved) != 0;
  return SeenTask{.newest = newest_[place],
                  .shown = moved ? moved_.at(id) : newest_[place],
                  .result = static_cast<ResultCode>((flags & ~kMoved) - 1)};
}

void SeenIds::Put(std::int64_t id, const SeenTask& seen) {
  if ((size_ + 1) * kEighths > flags_.size() * kFullEighths) {
    Rebuild(flags_.size() * 2);
  }
  const std::size_t place = PlaceOf(id);
  size_ += flags_[place] == 0 ? 1 : 0;
  ids_[place] = id;
  newest_[place] = seen.newest;
  const bool moved = seen.shown != seen.newest;
  flags_[place] =
      static_cast<std::uint8_t>((static_cast<unsigned>(seen.result) + 1U) | (moved ? kMoved : 0U));
  if (moved) {
    moved_[id] = seen.shown;
  } else {
    moved_.erase(id);
  }
}

void SeenIds::Erase(std::int64_t id) {
  std::size_t hole = PlaceOf(id);
  if (flags_[hole] == 0) {
    return;
  }
  --size_;
  moved_.erase(id);
  // Whoever had to step over the hole moves into it, so that no search ends there too early.
  for (std::size_t place = Next(hole); flags_[place] != 0; place = Next(place)) {
    const std::size_t mask = flags_.size() - 1;
    const std::size_t from_home = (place - HomeOf(ids_[place])) & mask;
    const std::size_t from_hole = (place - hole) & mask;
    if (from_home >= from_hole) {
      ids_[hole] = ids_[place];
      newest_[hole] = newest_[place];
      flags_[hole] = flags_[place];
      hole = place;
    }
  }
  flags_[hole] = 0;
}

void SeenIds::Reserve(std::size_t ids) {
  std::size_t places = flags_.size();
  while (ids * kEighths > places * kFullEighths) {
    places *= 2;
  }
  if (places != flags_.size()) {
    Rebuild(places);
  }
}

void SeenIds::Rebuild(std::size_t places) {
  const auto ids = std::exchange(ids_, std::vector<std::int64_t>(places));
  const auto newest = std::exchange(newest_, std::vector<Second>(places));
  const auto flags = std::exchange(flags_, std::vector<std::uint8_t>(places));
  for (std::size_t old = 0; old < flags.size(); ++old) {
    if (flags[old] != 0) {
      const std::size_t place = PlaceOf(ids[old]);
      ids_[place] = ids[old];
      newest_[place] = newest[old];
      flags_[place] = flags[old];
    }
  }
}

std::size_t SeenIds::MemoryBytes() const {
  constexpr std::size_t kNode = 40;  // About what a hash map takes for one entry.
  return flags_.size() * (sizeof(std::int64_t) + sizeof(Second) + sizeof(std::uint8_t)) +
         moved_.size() * kNode;
}

}  // namespace acronis::ledger
