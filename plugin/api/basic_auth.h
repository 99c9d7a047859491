#pragma once

#include <string>

namespace acronis::api {

/// The value of an Authorization header: `Basic` and `user:password` in Base64.
std::string BasicAuthorization(const std::string& user_and_password);

}  // namespace acronis::api
