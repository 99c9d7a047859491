#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>

#include "plugin/core/clock.h"

namespace acronis::bench {

/// Tasks to be served as files.
struct PageFilesOptions {
  std::filesystem::path folder{};
  std::size_t tasks = 1'000'000;
  std::size_t page_size = 500;
  TimePoint begin{};                 ///< No task was made before it.
  std::chrono::seconds span{54000};  ///< They were made within so long.
};

/// The name of a page, which is also the cursor that leads to it. Page 0 is the first.
std::string PageName(std::size_t number);

/// Writes the answers to a completed-task query, in full detail and in the order of completion, one
/// file a page, and reports what is in them as a client that has read them reports it.
void WritePageFiles(const PageFilesOptions& options);

}  // namespace acronis::bench
