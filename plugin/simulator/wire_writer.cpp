#include "plugin/simulator/wire_writer.h"

#include <algorithm>
#include <condition_variable>
#include <fcntl.h>
#include <limits>
#include <mutex>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

#include <Poco/Net/HTTPResponse.h>

namespace acronis::simulator {

namespace {

constexpr std::size_t kMebibyte = 1U << 20U;

std::string StatusLine(int status) {
  return "HTTP/1.1 " + std::to_string(status) + ' ' +
         Poco::Net::HTTPResponse::getReasonForStatus(
             static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status)) +
         "\r\n";
}

/// Status line and headers without the empty line at the end.
std::string OpenHead(const Reply& reply) {
  std::string head = StatusLine(reply.status);
  for (const auto& [name, value] : reply.headers) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  return head;
}

std::string HeadWithLength(const Reply& reply, std::size_t length) {
  return OpenHead(reply) + "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

std::string Hex(std::size_t number) {
  std::ostringstream out;
  out << std::hex << number;
  return out.str();
}

std::string ManyHeaders(std::int64_t count) {
  std::string headers;
  for (std::int64_t n = 0; n < count; ++n) {
    headers += "X-Header-" + std::to_string(n) + ": value\r\n";
  }
  return headers;
}

}  // namespace

void ResetConnection(Poco::Net::StreamSocket& socket) {
  const int descriptor = socket.impl()->sockfd();
  const linger at_once{1, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  // Replacing the descriptor closes the connection behind the back of TLS, which would say goodbye.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): no mode is needed.
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere >= 0) {
    ::dup2(nowhere, descriptor);
    ::close(nowhere);
  }
}

bool WireWriter::Wait(std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop_, time, [] { return false; });
  return !stop_.stop_requested();
}

void WireWriter::Stall() {
  constexpr int kPollMicroseconds = 100'000;
  while (!stop_.stop_requested() &&
         !socket_.poll(Poco::Timespan(kPollMicroseconds), Poco::Net::Socket::SELECT_READ)) {
  }
}

void WireWriter::SendAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto block = static_cast<int>(std::min(bytes.size(), kMebibyte));
    const int sent = socket_.sendBytes(bytes.data(), block);
    bytes.remove_prefix(static_cast<std::size_t>(std::max(sent, 0)));
  }
}

void WireWriter::SendSlowly(std::string_view bytes, std::chrono::milliseconds pause) {
  for (const char byte : bytes) {
    if (!Wait(pause)) {
      return;
    }
    SendAll({&byte, 1});
  }
}

void WireWriter::SendHugeBody(const Reply& reply) {
  const auto blocks = static_cast<std::size_t>(std::max<std::int64_t>(reply.delivery.amount, 1));
  SendAll(HeadWithLength(reply, blocks * kMebibyte));
  const std::string block(kMebibyte, ' ');
  for (std::size_t n = 0; n < blocks && !stop_.stop_requested(); ++n) {
    SendAll(block);
  }
}

void WireWriter::SendBodyWithoutEnd(const Reply& reply) {
  SendAll(OpenHead(reply) + "Transfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = Hex(kMebibyte) + "\r\n" + std::string(kMebibyte, ' ') + "\r\n";
  while (!stop_.stop_requested()) {
    SendAll(chunk);
  }
}

void WireWriter::SendHeadersWithoutEnd(const Reply& reply) {
  SendAll(OpenHead(reply) + "X-Endless: ");
  const std::string block(kMebibyte, 'x');
  while (!stop_.stop_requested()) {
    SendAll(block);
  }
}

void WireWriter::SendChunked(const Reply& reply) {
  std::string text = OpenHead(reply) + "Transfer-Encoding: chunked\r\n\r\n";
  text += Hex(reply.body.size()) + "\r\n";
  if (reply.delivery.wire == Wire::kCutChunk) {
    text += reply.body.substr(0, reply.body.size() / 2);
  } else if (reply.delivery.wire == Wire::kBadChunkSize) {
    text += reply.body + "\r\nzz\r\n\r\n";
  } else {
    text += reply.body + "\r\nfffffffffffffffff\r\n" + reply.body;
  }
  SendAll(text);
}

void WireWriter::SendSizes(const Reply& reply) {
  if (reply.delivery.wire == Wire::kHugeBody) {
    SendHugeBody(reply);
  } else if (reply.delivery.wire == Wire::kEndlessBody) {
    SendBodyWithoutEnd(reply);
  } else if (reply.delivery.wire == Wire::kEndlessHeader) {
    SendHeadersWithoutEnd(reply);
  } else if (reply.delivery.wire == Wire::kManyHeaders) {
    SendAll(StatusLine(reply.status) + ManyHeaders(reply.delivery.amount) + "\r\n");
  } else {
    const std::string value(static_cast<std::size_t>(reply.delivery.amount), 'x');
    SendAll(OpenHead(reply) + "X-Huge: " + value + "\r\n\r\n");
  }
}

void WireWriter::SendBroken(const Reply& reply) {
  const std::string_view half = std::string_view(reply.body).substr(0, reply.body.size() / 2);
  const std::string head = HeadWithLength(reply, reply.body.size());
  const std::chrono::milliseconds pause(reply.delivery.amount);
  switch (reply.delivery.wire) {
    case Wire::kWhole:
    case Wire::kCloseAfterReply:
      return SendAll(head + reply.body);
    case Wire::kHangUp:
      return;
    case Wire::kReset:
      return ResetConnection(socket_);
    case Wire::kResetInHeaders:
      SendAll(std::string_view(head).substr(0, head.size() / 2));
      return ResetConnection(socket_);
    case Wire::kDripHeaders:
      return SendSlowly(head + reply.body, pause);
    case Wire::kDripBody:
      SendAll(head);
      return SendSlowly(reply.body, pause);
    case Wire::kStallBeforeReply:
      return Stall();
    case Wire::kStallInBody:
      SendAll(head + std::string(half));
      return Stall();
    case Wire::kCutBody:
      return SendAll(head + std::string(half));
    case Wire::kTrailingGarbage:
      return SendAll(head + reply.body + "garbage\r\n\r\n");
    case Wire::kCutChunk:
    case Wire::kBadChunkSize:
    case Wire::kHugeChunkSize:
      return SendChunked(reply);
    case Wire::kHugeBody:
    case Wire::kEndlessBody:
    case Wire::kEndlessHeader:
    case Wire::kManyHeaders:
    case Wire::kHugeHeader:
      return SendSizes(reply);
  }
}

bool WireWriter::Send(const Reply& reply) {
  if (reply.delivery.latency.count() > 0 && !Wait(reply.delivery.latency)) {
    return false;
  }
  if (reply.delivery.wire != Wire::kWhole) {
    SendBroken(reply);
    return false;
  }
  SendAll(HeadWithLength(reply, reply.body.size()) + reply.body);
  return true;
}

}  // namespace acronis::simulator
