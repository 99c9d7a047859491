#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <unordered_map>

#include "plugin/core/clock.h"
#include "plugin/core/task.h"

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

/// Numbers in a row that grow where they are, so that two copies are never there together.
/// What is added is not initialised.
template <typename Number>
class Column {
  static_assert(std::is_trivial_v<Number>);

 public:
  void Grow(std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): only realloc moves pages instead of bytes.
    void* const grown = std::realloc(numbers_.get(), size * sizeof(Number));
    if (grown == nullptr) {
      throw std::bad_alloc();
    }
    static_cast<void>(numbers_.release());
    numbers_.reset(static_cast<Number*>(grown));
  }

  Number& operator[](std::size_t place) { return numbers_[place]; }
  const Number& operator[](std::size_t place) const { return numbers_[place]; }

 private:
  struct Free {
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): belongs to the realloc above.
    void operator()(Number* numbers) const { std::free(numbers); }
  };
  std::unique_ptr<Number[], Free> numbers_;  // NOLINT(modernize-avoid-c-arrays): realloc's.
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
