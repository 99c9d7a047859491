#include "exporter/web/http/request.h"

#include <algorithm>

namespace acronis::exporter::http {
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

}  // namespace acronis::exporter::http
