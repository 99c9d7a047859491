#include "exporter/exposition/negotiation.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <tuple>
#include <vector>

namespace acronis::exporter {
namespace {

constexpr int kFullQuality = 1000;  // A q has three digits behind the point.
constexpr std::string_view kText = "text/plain";
constexpr std::string_view kOpenMetrics = "application/openmetrics-text";
constexpr std::string_view kEscapingVersion = "1.0.0";
constexpr std::array<std::string_view, 4> kEscapings = {"allow-utf-8", "underscores", "dots",
                                                        "values"};

struct Offer {
  PageFormat format;
  std::string_view type;
  std::string_view version;
};
constexpr std::array kOffers = {Offer{PageFormat::kText, kText, "0.0.4"},
                                Offer{PageFormat::kOpenMetrics, kOpenMetrics, "1.0.0"},
                                Offer{PageFormat::kOpenMetrics, kOpenMetrics, "0.0.1"},
                                Offer{PageFormat::kText, kText, "1.0.0"}};

/// One element of a list such as `text/plain;version="0.0.4";q=0.5`.
struct Element {
  std::string value{};  ///< In lower case.
  std::string version{};
  std::string escaping{};
  int quality = kFullQuality;
};

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && IsBlank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

/// Takes what is in front of the first `separator` outside of quotes off `text`.
std::string_view TakeUntil(std::string_view& text, char separator) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size() && (quoted || text[end] != separator); ++end) {
    if (text[end] == '"') {
      quoted = !quoted;
    } else if (quoted && text[end] == '\\') {
      ++end;  // The next one is not the end of the quotes.
    }
  }
  end = std::min(end, text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

std::string Unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    return std::string(text);
  }
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    i += text[i] == '\\' ? 1 : 0;
    out += text[i];
  }
  return out;
}

/// `0.25` in thousandths; further digits are cut off. Empty for what is not from 0 to 1.
std::optional<int> ParseQuality(std::string_view text) {
  constexpr std::size_t kDigits = 3;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool has_point = text.size() > 1 && text[1] == '.';
  if (text.empty() || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && !has_point)) {
    return std::nullopt;
  }
  const std::string_view fraction = text.substr(has_point ? 2 : 1);
  if (!std::ranges::all_of(fraction, is_digit)) {
    return std::nullopt;
  }
  int quality = text[0] - '0';
  for (std::size_t i = 0; i < kDigits; ++i) {
    quality = quality * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  }
  return quality <= kFullQuality ? std::optional(quality) : std::nullopt;
}

/// False if the parameter makes the whole element unusable.
bool ReadParameter(std::string_view parameter, Element& element) {
  const std::size_t equals = std::min(parameter.find('='), parameter.size());
  const std::string name = Lower(Trimmed(parameter.substr(0, equals)));
  parameter.remove_prefix(std::min(equals + 1, parameter.size()));
  const std::string value = Unquoted(Trimmed(parameter));
  if (name == "q") {
    const std::optional<int> quality = ParseQuality(value);
    element.quality = quality.value_or(0);
    return quality.has_value();
  }
  if (name == "version") {
    element.version = value;
  } else if (name == "escaping") {
    element.escaping = Lower(value);
  }
  return true;
}

std::optional<Element> ParseElement(std::string_view text) {
  Element element;
  element.value = Lower(Trimmed(TakeUntil(text, ';')));
  while (!text.empty()) {
    if (!ReadParameter(TakeUntil(text, ';'), element)) {
      return std::nullopt;
    }
  }
  return element.value.empty() ? std::nullopt : std::optional(std::move(element));
}

std::vector<Element> ParseList(std::string_view header) {
  std::vector<Element> elements;
  if (header.size() > kMostNegotiated) {
    return elements;
  }
  while (!header.empty()) {
    if (auto element = ParseElement(TakeUntil(header, ','))) {
      elements.push_back(*std::move(element));
    }
  }
  return elements;
}

/// How exactly a range names what is offered; 0 if it does not at all.
int Specificity(const Element& range, const Offer& offer) {
  if (range.value == offer.type) {
    return range.version.empty() ? 3 : (range.version == offer.version ? 4 : 0);
  }
  const std::string_view value = range.value;
  if (value.ends_with("/*") && offer.type.starts_with(value.substr(0, value.size() - 1))) {
    return 2;
  }
  return value == "*/*" ? 1 : 0;
}

/// The range that decides about an offer: the most specific one, of several the first.
const Element* Decisive(const std::vector<Element>& ranges, const Offer& offer) {
  const Element* best = nullptr;
  int best_specificity = 0;
  for (const Element& range : ranges) {
    if (const int specificity = Specificity(range, offer); specificity > best_specificity) {
      best = &range;
      best_specificity = specificity;
    }
  }
  return best;
}

std::string ContentType(const Offer& offer, std::string_view escaping) {
  std::string out(offer.type);
  out += "; version=";
  out += offer.version;
  out += "; charset=utf-8";
  if (offer.version == kEscapingVersion && std::ranges::count(kEscapings, escaping) != 0) {
    out += "; escaping=";
    out += escaping;
  }
  return out;
}

/// What a list says of one coding; empty if it does not name it.
std::optional<int> QualityOf(const std::vector<Element>& codings, std::string_view name) {
  const auto found = std::ranges::find(codings, name, &Element::value);
  return found == codings.end() ? std::nullopt : std::optional(found->quality);
}

}  // namespace

NegotiatedFormat NegotiateFormat(std::string_view accept) {
  const std::vector<Element> ranges = ParseList(accept);
  const Offer* chosen = kOffers.data();
  const Element* chosen_range = nullptr;
  for (const Offer& offer : kOffers) {
    const Element* const range = Decisive(ranges, offer);
    if (range == nullptr || range->quality == 0) {
      continue;
    }
    // A range that comes later lies at a higher address.
    if (chosen_range == nullptr || range->quality > chosen_range->quality ||
        (range->quality == chosen_range->quality && range < chosen_range)) {
      chosen = &offer;
      chosen_range = range;
    }
  }
  return {chosen->format,
          ContentType(*chosen, chosen_range == nullptr ? "" : chosen_range->escaping)};
}

PageEncoding NegotiateEncoding(std::string_view accept_encoding) {
  const std::vector<Element> codings = ParseList(accept_encoding);
  const std::optional<int> identity = QualityOf(codings, "identity");
  std::optional<int> gzip = QualityOf(codings, "gzip");
  for (const std::string_view other : {"x-gzip", "*"}) {
    gzip = gzip ? gzip : QualityOf(codings, other);
  }
  const int unnamed = identity == 0 ? 1 : 0;
  const int quality = gzip.value_or(unnamed);
  return quality > 0 && quality >= identity.value_or(0) ? PageEncoding::kGzip
                                                        : PageEncoding::kIdentity;
}

}  // namespace acronis::exporter
