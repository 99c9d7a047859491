#include "exporter/web/http/connection.h"

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include "exporter/web/http/request_parser.h"

namespace acronis::exporter::http {
namespace {

using Phase = ConnectionTable::Phase;

constexpr std::size_t kReadAtOnce = 4096;
Deadline After(std::chrono::milliseconds patience) {
  return std::chrono::steady_clock::now() + patience;
}

std::string HttpDate() {
  return Poco::DateTimeFormatter::format(Poco::Timestamp(), Poco::DateTimeFormat::HTTP_FORMAT);
}

class Conversation {
 public:
  Conversation(ConnectionTable::Place& place, ByteStream& stream, const Handler& handler,
               const Limits& limits)
      : place_(place), stream_(stream), handler_(handler), limits_(limits) {}

  void Run() {
    bool first = true;
    while (true) {
      place_.Enter(Phase::kWaiting);
      auto read = NextRequest(first ? limits_.request : limits_.idle);
      if (std::holds_alternative<Incomplete>(read)) {
        return;
      }
      if (const auto* const malformed = std::get_if<Malformed>(&read)) {
        Refuse(*malformed);
        return;
      }
      if (!AnswerOne(std::get<Parsed>(std::move(read)).request)) {
        return;
      }
      first = false;
    }
  }

 private:
  using Read = std::variant<Incomplete, Malformed, Parsed>;

  /// Incomplete: the client has gone, or has sent nothing at all in time.
  Read NextRequest(std::chrono::milliseconds patience) {
    Deadline deadline = After(received_.empty() ? patience : limits_.request);
    bool worth_a_look = !received_.empty();
    while (true) {
      auto read = worth_a_look ? Understand() : Read(Incomplete{});
      if (!std::holds_alternative<Incomplete>(read)) {
        return read;
      }
      const bool begins = received_.empty();
      const auto got = ReadMore(deadline);
      if (!got) {
        return NothingMore(deadline);
      }
      worth_a_look = *got || begins;
      deadline = begins ? After(limits_.request) : deadline;
    }
  }

  Read NothingMore(Deadline deadline) const {
    if (received_.empty() || std::chrono::steady_clock::now() < deadline) {
      return Incomplete{};
    }
    return Malformed{kRequestTimeout, "the request did not come in time"};
  }

  /// A request that is whole is taken out of what was received.
  Read Understand() {
    auto read = ParseRequest(received_, limits_.head);
    if (const auto* const parsed = std::get_if<Parsed>(&read)) {
      received_.erase(0, parsed->size);
    }
    return read;
  }

  /// Whether what came may be the end of a head, or too much of one. Empty: nothing came.
  std::optional<bool> ReadMore(Deadline deadline) {
    std::array<char, kReadAtOnce> buffer{};
    const auto got = stream_.Read(buffer, deadline);
    if (!got || *got == 0) {
      return std::nullopt;
    }
    const std::string_view came(buffer.data(), *got);
    received_ += came;
    return came.find('\n') != std::string_view::npos || received_.size() >= limits_.head.bytes;
  }

  void Refuse(const Malformed& malformed) {
    Reply reply = TextReply(malformed.status, malformed.reason);
    reply.close = true;
    Send(Request{.method = "GET"}, reply);
    End();
  }

  /// False when the connection ends here.
  bool AnswerOne(const Request& request) {
    const bool dropped = DropBody(request);
    place_.Enter(Phase::kAnswering);
    Reply reply = Handle(request);
    reply.close = reply.close || !request.keep_alive || !dropped;
    const bool sent = Send(request, reply);
    if (sent && reply.served && request.method != "HEAD") {
      reply.served();
    }
    if (sent && reply.close) {
      End();
    }
    return sent && !reply.close;
  }

  Reply Handle(const Request& request) const {
    try {
      return handler_(request);
    } catch (const std::exception&) {
      return TextReply(kInternalError, "500 internal error");
    }
  }

  /// True when the body has come and is out of the way.
  bool DropBody(const Request& request) {
    if (request.body == BodyKind::kNone) {
      return true;
    }
    if (request.body == BodyKind::kChunked || request.expects_continue ||
        request.body_size > limits_.body) {
      return false;
    }
    const Deadline deadline = After(limits_.request);
    while (received_.size() < request.body_size) {
      if (!ReadMore(deadline)) {
        return false;
      }
    }
    received_.erase(0, request.body_size);
    return true;
  }

  bool Send(const Request& request, const Reply& reply) {
    place_.Enter(Phase::kSending);
    const std::string head = WriteHead(reply, HttpDate(), !reply.close);
    std::vector<std::string_view> pieces{head};
    if (request.method != "HEAD") {
      const auto& body = reply.body.Pieces();
      pieces.insert(pieces.end(), body.begin(), body.end());
    }
    return stream_.Write(pieces, After(limits_.reply));
  }

  void End() {
    place_.Enter(Phase::kWaiting);
    Farewell(stream_);
  }

  ConnectionTable::Place& place_;
  ByteStream& stream_;
  const Handler& handler_;
  const Limits& limits_;
  std::string received_;  ///< Not yet understood.
};

}  // namespace

void ServeConnection(const std::shared_ptr<ConnectionTable::Place>& place, const StreamMaker& maker,
                     const Handler& handler, const Limits& limits) {
  try {
    const auto stream = maker.Make(place->Socket(), After(limits.handshake));
    if (stream) {
      Conversation(*place, *stream, handler, limits).Run();
    }
  } catch (const std::exception&) {
    return;  // Out of memory, at worst; this connection ends, the others go on.
  }
}

}  // namespace acronis::exporter::http
