#include "plugin/ledger/seen_ids.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>
#include <utility>
#include <vector>

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
  Extend(kFewestPlaces);
}

std::size_t SeenIds::HomeOf(std::int64_t id) const {
  return Mix(static_cast<std::uint64_t>(id) ^ salt_) & (places_ - 1);
}

std::size_t SeenIds::PlaceOf(std::int64_t id) const {
  std::size_t place = HomeOf(id);
  while (flags_[place] != 0 && ids_[place] != id) {
    place = Next(place);
  }
  return place;
}

void SeenIds::Prefetch(std::int64_t id) const {
  const std::size_t home = HomeOf(id);
  __builtin_prefetch(&flags_[home]);
  __builtin_prefetch(&ids_[home]);
  __builtin_prefetch(&newest_[home]);
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
  if ((size_ + 1) * kEighths > places_ * kFullEighths) {
    Grow();
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
    const std::size_t mask = places_ - 1;
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
  while (ids * kEighths > places_ * kFullEighths) {
    Grow();
  }
}

void SeenIds::Extend(std::size_t places) {
  ids_.Grow(places);
  newest_.Grow(places);
  flags_.Grow(places);
  std::fill_n(&flags_[places_], places - places_, std::uint8_t{0});
  places_ = places;
}

SeenIds::Entry SeenIds::Take(std::size_t place) {
  return {ids_[place], newest_[place], std::exchange(flags_[place], std::uint8_t{0})};
}

void SeenIds::Insert(const Entry& entry) {
  const std::size_t place = PlaceOf(entry.id);
  ids_[place] = entry.id;
  newest_[place] = entry.newest;
  flags_[place] = entry.flags;
}

void SeenIds::Grow() {
  const std::size_t before = places_;
  Extend(before * 2);
  // An id's new home is its old one, or as far behind the old table. So whoever is taken in the
  // order of the places finds room at or before his old place, or in the new half; but those who
  // had stepped over the end of the table must be out of the way first, and come last.
  std::vector<Entry> first;
  std::size_t place = 0;
  for (; flags_[place] != 0; ++place) {
    first.push_back(Take(place));
  }
  for (; place < before; ++place) {
    if (flags_[place] != 0) {
      Insert(Take(place));
    }
  }
  for (const Entry& entry : first) {
    Insert(entry);
  }
}

std::size_t SeenIds::MemoryBytes() const {
  constexpr std::size_t kNode = 40;  // About what a hash map takes for one entry.
  return places_ * (sizeof(std::int64_t) + sizeof(Second) + sizeof(std::uint8_t)) +
         moved_.size() * kNode;
}

}  // namespace acronis::ledger
