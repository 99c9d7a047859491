#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/core/counts.h"
#include "plugin/simulator/simulator.h"
#include "tests/property/reader.h"

namespace acronis::property {

/// What an account may show, said in a few lines: each id that the service showed counts at most
/// once, as it was when it was first shown, and nothing ever goes back. That it counts at all is
/// looked at when the life has settled.
///
/// Looks at every picture that a scrape may see, over all restarts, in order.
class Model {
 public:
  struct Options {
    const simulator::Simulator& simulator;
    std::string client_id{};
    bool holds = false;  ///< New series are held at 0 first.
    /// Results change. What an answer showed first that was then refused may count differently.
    bool changes = false;
  };

  explicit Model(Options options) : options_(std::move(options)) {}

  void Look(const AccountCounts& picture) {
    CheckBooks(picture);
    CheckNothingWentBack(picture);
    if (picture.baseline_complete) {
      CheckCounters(picture);
    } else {
      ASSERT_TRUE(picture.queues.empty()) << "nothing is shown before the baseline is complete";
    }
  }

  /// I1, after a good poll of a service that was well, in a world where nothing appears later than
  /// the overlap: what had completed before the poll, and before the watermark, is counted.
  void CheckNothingIsMissing(const AccountCounts& picture,
                             const std::map<std::int64_t, TimePoint>& done) {
    const std::vector<std::int64_t> shown = options_.simulator.Shown(options_.client_id);
    std::uint64_t due = 0;
    for (const auto& [id, completed] : done) {
      if (picture.watermark && completed < *picture.watermark) {
        ++due;
        ASSERT_TRUE(std::binary_search(shown.begin(), shown.end(), id)) << id << " was passed over";
      }
    }
    ASSERT_GE(picture.books.counted, due) << "something below the watermark is not counted";
  }

  /// A scrape was answered with this picture.
  void NoteServed(const AccountCounts& picture) {
    for (const auto& [name, queue] : picture.queues) {
      served_.insert(name);
    }
    baseline_served_ = baseline_served_ || picture.baseline_complete;
  }

 private:
  /// I3, and I2 as far as the books show it.
  void CheckBooks(const AccountCounts& picture) {
    const Books& books = picture.books;
    ASSERT_EQ(books.received,
              books.counted + books.duplicate + books.discarded_late + books.invalid);
    ASSERT_LE(books.counted, options_.simulator.ShownSize(options_.client_id))
        << "an id was counted twice";
  }

  /// I4 and I5: whatever happened in between, no value is lower than it was shown before.
  void CheckNothingWentBack(const AccountCounts& picture) {
    const auto counted = Counted(picture);
    for (const auto& [series, tasks] : before_) {
      const auto now = counted.find(series);
      ASSERT_TRUE(now != counted.end() && now->second >= tasks) << series.first << " went back";
    }
    before_ = counted;
    ASSERT_GE(picture.books.received, received_);
    received_ = picture.books.received;
    ASSERT_GE(picture.data_gap.count(), gap_);
    gap_ = picture.data_gap.count();
    if (picture.watermark && watermark_) {
      ASSERT_GE(*picture.watermark, *watermark_);
    }
    watermark_ = picture.watermark ? picture.watermark : watermark_;
  }

  /// I2 and I6: no counter is above what was shown (the service may have shown more, in an answer
  /// that was refused or cut); a held queue shows nothing but zeros.
  void CheckCounters(const AccountCounts& picture) {
    const auto shown = options_.simulator.ShownCounts(options_.client_id);
    std::uint64_t sum = 0;
    bool held = false;
    for (const auto& [name, queue] : picture.queues) {
      std::uint64_t of_queue = 0;
      for (const ResultCode code : kResultCodes) {
        const std::uint64_t tasks = queue->completed[static_cast<std::size_t>(code)];
        const auto truth = shown.find({name == "_none" ? "" : name, std::string(ToLabel(code))});
        const std::uint64_t most = truth == shown.end() ? 0 : truth->second;
        ASSERT_TRUE(tasks <= most || options_.changes) << name << ": more than was shown";
        of_queue += tasks;
      }
      sum += of_queue;
      held = held || of_queue == 0;
      if (options_.holds && of_queue > 0 && baseline_served_ && !of_baseline_.contains(name)) {
        ASSERT_TRUE(served_.contains(name)) << name << ": no scrape has seen its 0";
      }
    }
    if (!baseline_seen_) {
      baseline_seen_ = true;
      for (const auto& [name, queue] : picture.queues) {
        of_baseline_.insert(name);
      }
    }
    if (!held) {
      ASSERT_EQ(sum, picture.books.counted) << "one picture, one state";
    }
  }

  Options options_;
  bool baseline_seen_ = false;
  bool baseline_served_ = false;
  std::set<std::string> of_baseline_;
  std::set<std::string> served_;
  CountsByQueueAndResult before_;
  std::uint64_t received_ = 0;
  std::int64_t gap_ = 0;
  std::optional<TimePoint> watermark_;
};

}  // namespace acronis::property
