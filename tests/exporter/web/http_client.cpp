#include "tests/exporter/web/http_client.h"

#include <array>
#include <istream>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/Timespan.h>

namespace acronis::exporter {
namespace {
const Poco::Timespan kPatience(20, 0);
}

ClientReply Ask(std::uint16_t port, const std::string& path, const std::string& method,
                const std::string& host) {
  Poco::Net::HTTPClientSession session(host, port);
  session.setTimeout(kPatience);
  Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
  session.sendRequest(request);
  Poco::Net::HTTPResponse response;
  std::istream& in = session.receiveResponse(response);
  ClientReply reply;
  reply.status = response.getStatus();
  Poco::StreamCopier::copyToString(in, reply.body);
  reply.allow = response.get("Allow", "");
  reply.content_type = response.getContentType();
  reply.content_length = response.get("Content-Length", "");
  return reply;
}

std::string SendRaw(std::uint16_t port, const std::string& bytes) {
  Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", port));
  socket.setReceiveTimeout(kPatience);
  socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
  std::string received;
  std::array<char, 4096> buffer{};
  for (int n = 0; (n = socket.receiveBytes(buffer.data(), static_cast<int>(buffer.size()))) > 0;) {
    received.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return received;
}

}  // namespace acronis::exporter
