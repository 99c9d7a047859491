#include "plugin/api/transport.h"

#include <Poco/String.h>

namespace acronis::api {

std::string_view HttpResponse::Header(std::string_view name) const {
  const std::string wanted(name);
  for (const auto& [key, value] : headers) {
    if (Poco::icompare(key, wanted) == 0) {
      return value;
    }
  }
  return {};
}

}  // namespace acronis::api
