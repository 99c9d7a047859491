#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporter/exposition/negotiation.h"
#include "exporter/exposition/scrape.h"

namespace {

using acronis::exporter::NegotiateEncoding;
using acronis::exporter::NegotiateFormat;

/// What a client can be told; the last two may have a scheme of escaping behind them.
constexpr std::array<std::string_view, 4> kTypes = {
    "text/plain; version=0.0.4; charset=utf-8",
    "application/openmetrics-text; version=0.0.1; charset=utf-8",
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
    "text/plain; version=1.0.0; charset=utf-8"};
constexpr std::array<std::string_view, 5> kEscapings = {
    "", "; escaping=allow-utf-8", "; escaping=underscores", "; escaping=dots", "; escaping=values"};

bool IsKnown(std::string_view content_type) {
  return std::ranges::any_of(kTypes, [&](std::string_view type) {
    return content_type.starts_with(type) &&
           std::ranges::count(kEscapings, content_type.substr(type.size())) != 0;
  });
}

}  // namespace

/// Any header gets an answer out of a few, and what nobody has does not change it when it stands in
/// front; any query gives as many names as it has pairs at most.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto format = NegotiateFormat(text);
  const auto encoding = NegotiateEncoding(text);
  const auto names = acronis::exporter::NamesInQuery(text);
  const auto pairs = static_cast<std::size_t>(std::ranges::count(text, '&')) + 1;
  if (!IsKnown(format.content_type) || names.size() > pairs) {
    std::abort();
  }
  const std::string longer = "a/b;c=\",\"," + text;
  if (longer.size() <= acronis::exporter::kMostNegotiated &&
      (NegotiateFormat(longer).content_type != format.content_type ||
       NegotiateEncoding(longer) != encoding)) {
    std::abort();
  }
  return 0;
}
