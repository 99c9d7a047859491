#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace acronis::bench {

using Path = std::filesystem::path;
using Numbers = std::vector<std::size_t>;

/// Tasks in a page, and so in a commit, as `poll.page_size` has it.
inline constexpr std::size_t kPage = 500;
/// The time that the ids of a store reach over: the default window of a sweep, and a day.
inline constexpr double kRemembered = 8.0 * 24 * 3600;

inline void Report(const char* name, double value) {
  std::printf("%s %.6g\n", name, value);
}

// The benchmarks. Each works in an empty folder, except for the last two, which open what was
// filled; each takes one number or none, and reports what it measured.

/// Durable commits of 100 tasks over 10 queues (50 counters), and what the disk can do at most; so
/// many rounds.
void Commits(const Path& folder, const Numbers& numbers);
/// CPU for each of so many tasks.
void Tasks(const Path& folder, const Numbers& numbers);
/// A commit that changes 50 counters, in a ledger of 100,000 series and in one of these alone; so
/// many rounds.
void Publish(const Path& folder, const Numbers& numbers);
/// Makes a store that remembers so many ids.
void Fill(const Path& folder, const Numbers& numbers);
void FillBare(const Path& folder, const Numbers& numbers);
/// What a start of the program costs.
void Open(const Path& folder, const Numbers& numbers);
void OpenBare(const Path& folder, const Numbers& numbers);

}  // namespace acronis::bench
