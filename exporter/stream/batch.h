#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "exporter/stream/page_source.h"
#include "plugin/core/clock.h"

namespace acronis::exporter {

/// What an agent reads.
enum class StreamFormat { kInflux, kNetdata, kCollectd, kPrometheus };

struct BatchOptions {
  StreamFormat format = StreamFormat::kPrometheus;
  std::chrono::seconds interval{10};  ///< Of netdata and collectd: how often they expect values.
  std::string host{};                 ///< Of collectd: its name for this machine.
  std::vector<std::string> success_codes{"ok", "warning"};
  bool for_file = false;  ///< Prometheus: leave out what every program has (`process_...`).
};

/// Spells pages as batches: all that an agent gets at once. May remember what it has said. Used by
/// one thread.
using BatchWriter =
    std::function<std::string(const StreamPage& page, TimePoint now, MonotonicTime monotonic)>;

BatchWriter MakeBatchWriter(const BatchOptions& options);

/// What MakeBatchWriter() needs for `format`.
PageForm FormFor(StreamFormat format);

}  // namespace acronis::exporter
