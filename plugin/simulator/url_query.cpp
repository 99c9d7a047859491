#include "plugin/simulator/url_query.h"

#include <algorithm>
#include <charconv>

namespace acronis::simulator {

namespace {

/// The byte that the two hex digits behind a `%` stand for; false if they are none.
bool ReadHexByte(std::string_view digits, char& byte) {
  unsigned value = 0;
  if (digits.size() < 2) {
    return false;
  }
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + 2, value, 16);
  byte = static_cast<char>(value);
  return error == std::errc() && end == digits.data() + 2;
}

}  // namespace

std::string DecodePercent(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char byte = 0;
    if (text[at] == '%' && ReadHexByte(text.substr(at + 1), byte)) {
      out += byte;
      at += 2;
    } else {
      out += text[at] == '+' ? ' ' : text[at];
    }
  }
  return out;
}

Parameters ParseParameters(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) {
      continue;
    }
    const std::size_t equals = std::min(part.find('='), part.size());
    parameters.emplace_back(DecodePercent(part.substr(0, equals)),
                            DecodePercent(part.substr(std::min(equals + 1, part.size()))));
  }
  return parameters;
}

std::string FirstParameter(const Parameters& parameters, std::string_view name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [name](const auto& entry) { return entry.first == name; });
  return found == parameters.end() ? std::string() : found->second;
}

}  // namespace acronis::simulator
