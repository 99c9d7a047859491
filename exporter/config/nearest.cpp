#include "exporter/config/nearest.h"

#include <algorithm>
#include <numeric>

namespace acronis::exporter {
namespace {

/// Longer texts are no misspelt keys, and the distance costs the product of both lengths.
constexpr std::size_t kMaxLength = 64;

/// Levenshtein's: letters to insert, delete or replace.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> Nearest(std::string_view text, const std::vector<std::string>& known) {
  std::optional<std::string> nearest;
  std::size_t best = text.size() / 3 + 1;
  if (text.size() > kMaxLength) {
    return nearest;
  }
  for (const std::string& candidate : known) {
    const bool beginning = text.size() >= 3 && candidate.size() >= 3 &&
                           (candidate.starts_with(text) || text.starts_with(candidate));
    const std::size_t distance = beginning ? 1 : Distance(text, candidate);
    if (distance <= best && (!nearest || distance < best)) {
      nearest = candidate;
      best = distance;
    }
  }
  return nearest;
}

}  // namespace acronis::exporter
