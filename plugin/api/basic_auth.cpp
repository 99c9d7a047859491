#include "plugin/api/basic_auth.h"

#include <sstream>

#include <Poco/Base64Encoder.h>

namespace acronis::api {

std::string BasicAuthorization(const std::string& user_and_password) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out);
  encoder.rdbuf()->setLineLength(0);
  encoder << user_and_password;
  encoder.close();
  return "Basic " + out.str();
}

}  // namespace acronis::api
