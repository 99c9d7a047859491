#pragma once

#include <cstdint>
#include <string>

namespace acronis::exporter {

struct ClientReply {
  int status = 0;
  std::string body;
  std::string allow;
  std::string content_type;
  std::string content_length;
};

/// Sends one request on a connection of its own.
ClientReply Ask(std::uint16_t port, const std::string& path, const std::string& method = "GET",
                const std::string& host = "127.0.0.1");

/// Sends `bytes` as they are and returns everything until the server closes the connection.
std::string SendRaw(std::uint16_t port, const std::string& bytes);

}  // namespace acronis::exporter
