#include "exporter/exposition/scrape.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace acronis::exporter {
namespace {

/// `text` without its escapes; empty if one is broken.
std::optional<std::string> Decode(std::string_view text) {
  constexpr std::size_t kEscape = 3;  // %41
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const std::string_view escape = text.substr(i, kEscape);
    unsigned char byte = 0;
    const auto [end, error] =
        std::from_chars(escape.data() + 1, escape.data() + escape.size(), byte, 16);
    if (escape.size() < kEscape || error != std::errc() || end != escape.data() + kEscape) {
      return std::nullopt;
    }
    out += static_cast<char>(byte);
    i += kEscape - 1;
  }
  return out;
}

}  // namespace

std::vector<std::string> NamesInQuery(std::string_view query) {
  std::vector<std::string> names;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = pair.find('=');
    const bool has_value = equals != std::string_view::npos;
    auto value = Decode(has_value ? pair.substr(equals + 1) : std::string_view());
    if (value && Decode(pair.substr(0, equals)) == "name[]") {
      names.push_back(*std::move(value));
    }
  }
  return names;
}

ScrapeBody::Piece ScrapeBody::MakePiece(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view whole = *owner;
  return {std::move(owner), whole};
}

void ScrapeBody::Add(const Piece& piece) {
  if (!pieces.empty() && pieces.back().owner == piece.owner &&
      pieces.back().text.end() == piece.text.begin()) {
    std::string_view& last = pieces.back().text;
    last = {last.data(), last.size() + piece.text.size()};
  } else {
    pieces.push_back(piece);
  }
}

std::size_t ScrapeBody::Size() const {
  std::size_t size = 0;
  for (const Piece& piece : pieces) {
    size += piece.text.size();
  }
  return size;
}

std::string ScrapeBody::Join() const {
  std::string joined;
  joined.reserve(Size());
  for (const Piece& piece : pieces) {
    joined += piece.text;
  }
  return joined;
}

}  // namespace acronis::exporter
