#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <unordered_map>

#include "plugin/core/clock.h"
#include "plugin/core/task.h"
#include "plugin/ledger/growing_memory.h"

namespace acronis::ledger {

/// Whole seconds since 1970, 1970 to 2106. A change of a completion time within a second is
/// nobody's news, and millions of these are kept.
using Second = std::uint32_t;

/// Rounded down, and held to what a Second can say.
Second SecondOf(TimePoint time);

/// What is remembered of a counted task.
struct SeenTask {
  /// The newest completion ever shown (the newest update, where that is what is read by): decides
  /// when the id is forgotten.
  Second newest = 0;
  Second shown = 0;                          ///< The completion as it was last shown.
  ResultCode result = ResultCode::kUnknown;  ///< As it was last shown.

  bool operator==(const SeenTask&) const = default;
};

/// Numbers in a row, see GrowingMemory.
template <typename Number>
class Column {
  static_assert(std::is_trivial_v<Number>);

 public:
  void Grow(std::size_t size) { memory_.Grow(size * sizeof(Number)); }

  Number& operator[](std::size_t place) { return Numbers()[place]; }
  const Number& operator[](std::size_t place) const { return Numbers()[place]; }

 private:
  Number* Numbers() const { return static_cast<Number*>(memory_.Data()); }

  GrowingMemory memory_;
};

/// The task ids of one account that were counted and are not forgotten yet.
///
/// A table of 13 bytes a place, between 44 and 88 % full: 15 to 30 bytes an id. Ids come from
/// outside, so their places depend on a number drawn at random. Not thread-safe.
class SeenIds {
 public:
  SeenIds();

  std::optional<SeenTask> Find(std::int64_t id) const;
  /// Brings the place of an id near, so that looking it up a little later need not wait for memory.
  void Prefetch(std::int64_t id) const;
  void Put(std::int64_t id, const SeenTask& seen);
  /// Nothing happens if the id is unknown.
  void Erase(std::int64_t id);
  /// Makes room for `ids` in all, so that filling it does not rebuild the table on the way.
  void Reserve(std::size_t ids);

  std::size_t Size() const { return size_; }
  /// What the table takes.
  std::size_t MemoryBytes() const;

 private:
  /// One row of the table.
  struct Entry {
    std::int64_t id = 0;
    Second newest = 0;
    std::uint8_t flags = 0;
  };

  std::size_t HomeOf(std::int64_t id) const;
  /// Where the id is, or the free place where it would be.
  std::size_t PlaceOf(std::int64_t id) const;
  std::size_t Next(std::size_t place) const { return (place + 1) & (places_ - 1); }
  /// Twice the places.
  void Grow();
  void Extend(std::size_t places);
  /// Takes the entry out of its place, which is free then.
  Entry Take(std::size_t place);
  void Insert(const Entry& entry);

  std::uint64_t salt_;
  std::size_t size_ = 0;
  std::size_t places_ = 0;  ///< A power of two.
  // Three columns of one table.
  Column<std::int64_t> ids_;
  Column<Second> newest_;
  Column<std::uint8_t> flags_;  ///< 0: free. Else result code + 1, and kMoved.
  /// Ids that were last shown with another completion time than their newest: few.
  std::unordered_map<std::int64_t, Second> moved_;
};

}  // namespace acronis::ledger
