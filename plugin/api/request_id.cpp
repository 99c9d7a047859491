#include "plugin/api/request_id.h"

#include <Poco/UUIDGenerator.h>

namespace acronis::api {

std::string NewRequestId() {
  return Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
}

LogFields FailureFields(const std::string& account, const Error& error,
                        const std::string& request_id, const HttpResponse* response) {
  LogFields fields = {{"account", account}, {"error", error.message}, {"request_id", request_id}};
  if (response != nullptr) {
    fields.push_back({"server_request_id", std::string(response->Header("X-Int-Request-ID"))});
  }
  return fields;
}

}  // namespace acronis::api
