#include "plugin/simulator/http_message.h"

#include <algorithm>
#include <cctype>

namespace acronis::simulator {

namespace {

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

std::string_view FindHeader(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (SameName(key, name)) {
      return value;
    }
  }
  return {};
}

void SetHeader(Headers& headers, std::string_view name, std::string value) {
  RemoveHeader(headers, name);
  headers.emplace_back(name, std::move(value));
}

void RemoveHeader(Headers& headers, std::string_view name) {
  std::erase_if(headers, [name](const auto& header) { return SameName(header.first, name); });
}

}  // namespace acronis::simulator
