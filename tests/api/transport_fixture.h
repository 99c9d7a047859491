#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "plugin/api/poco_transport.h"
#include "tests/fakes/wire_server.h"

namespace acronis::api {

inline constexpr std::chrono::seconds kLong{60};
/// What "at once" may take on a busy machine.
inline constexpr std::chrono::seconds kSoon{20};

inline const std::string kOk = "HTTP/1.1 200 OK\r\n";
inline const std::string kChunkedHeader = "Transfer-Encoding: chunked\r\n";
inline const std::string kChunked = kOk + kChunkedHeader + "\r\n";

inline std::unique_ptr<HttpTransport> Make(TransportOptions options) {
  auto made = MakePocoTransport(std::move(options));
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value();
}

inline TransportOptions OptionsFor(const std::string& url) {
  TransportOptions options;
  options.base_url = url;
  options.user_agent = "test/1";
  return options;
}

inline HttpRequest Get(const std::string& target) {
  HttpRequest request;
  request.target = target;
  return request;
}

/// Serves every request of every connection with the same bytes.
inline fakes::WireServer::Script Always(std::string bytes) {
  return [bytes = std::move(bytes)](fakes::Wire& wire, int) {
    while (!wire.ReadRequest().empty() && wire.Send(bytes)) {
    }
  };
}

/// Sends these bytes once and hangs up.
inline fakes::WireServer::Script Once(std::string bytes) {
  return [bytes = std::move(bytes)](fakes::Wire& wire, int) {
    wire.ReadRequest();
    wire.Send(bytes);
  };
}

}  // namespace acronis::api
