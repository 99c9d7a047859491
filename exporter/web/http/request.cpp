#include "exporter/web/http/request.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/URI.h>

namespace acronis::exporter::http {
namespace {

/// What cannot be decoded is taken as it stands.
std::string Decode(std::string_view text) {
  try {
    std::string encoded(text);
    std::ranges::replace(encoded, '+', ' ');
    std::string decoded;
    Poco::URI::decode(encoded, decoded);
    return decoded;
  } catch (const Poco::Exception&) {
    return std::string(text);
  }
}

}  // namespace

const std::string* Request::Find(std::string_view name) const {
  const auto found = std::ranges::find(
      fields, name, [](const auto& field) { return std::string_view(field.first); });
  return found == fields.end() ? nullptr : &found->second;
}

std::string Request::Joined(std::string_view name) const {
  std::string joined;
  for (const auto& [field, value] : fields) {
    if (field == name) {
      joined += joined.empty() ? "" : ", ";
      joined += value;
    }
  }
  return joined;
}

std::vector<std::string> QueryValues(std::string_view query, std::string_view name) {
  std::vector<std::string> values;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (Decode(pair.substr(0, equals)) == name) {
      values.push_back(equals == std::string_view::npos ? std::string()
                                                        : Decode(pair.substr(equals + 1)));
    }
  }
  return values;
}

}  // namespace acronis::exporter::http
