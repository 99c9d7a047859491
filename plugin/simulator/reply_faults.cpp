#include "plugin/simulator/reply_faults.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <utility>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/DeflatingStream.h>
#include <Poco/Timestamp.h>

#include "plugin/simulator/error_body.h"
#include "plugin/simulator/invalid_json.h"

namespace acronis::simulator {

namespace {

constexpr std::size_t kMebibyte = 1U << 20U;

std::string RetryAfter(const std::string& value, TimePoint now) {
  if (value == "date") {
    return FormatHttpDate(now + std::chrono::seconds(30));
  }
  return value == "past" ? FormatHttpDate(now - std::chrono::hours(1)) : value;
}

Reply TryLater(int status, const Fault& fault, TimePoint now, ErrorBodyStyle style) {
  Reply reply = status == 429
                    ? ErrorReply(status, "tooManyRequests", "Too many requests.", style)
                    : ErrorReply(status, "serviceUnavailable", "Service unavailable.", style);
  if (!fault.value.empty() && fault.value != "none") {
    SetHeader(reply.headers, "Retry-After", RetryAfter(fault.value, now));
  }
  return reply;
}

Reply Html(int status) {
  return {status, {{"Content-Type", "text/html"}}, HtmlPage(status), {}};
}

Reply Redirect(const Fault& fault, const Request& request) {
  std::istringstream words(fault.value);
  int status = 302;
  std::string location;
  words >> status >> location;
  Reply reply = Html(status);
  if (!location.empty()) {
    SetHeader(reply.headers, "Location", location == "loop" ? request.target : location);
  }
  return reply;
}

std::string_view CodeWord(int status) {
  switch (status) {
    case 401:
      return "authenticationFailed";
    case 403:
      return "authorizationFailed";
    case 404:
      return "notFound";
    case 405:
      return "methodNotAllowed";
    case 503:
      return "serviceUnavailable";
    default:
      return status >= 500 ? "internalError" : "badRequest";
  }
}

std::optional<Reply> ReplyOf(const Fault& fault, TimePoint now, ErrorBodyStyle style) {
  const auto status = static_cast<int>(FaultNumber(fault));
  if (fault.name == "unauthorized") {
    return ErrorReply(401, "authenticationFailed", "Authentication has failed.", style);
  }
  if (fault.name == "status") {
    return ErrorReply(status, CodeWord(status), "Simulated status " + fault.value + '.', style);
  }
  if (fault.name == "cursor_expired") {
    return ErrorReply(status, "badRequest", "page token expired", style);
  }
  if (fault.name == "rate_limit" || fault.name == "unavailable") {
    return TryLater(fault.name == "rate_limit" ? 429 : 503, fault, now, style);
  }
  if (fault.name == "html_error") {
    return Html(status);
  }
  return fault.name == "html_ok" ? std::optional(Html(200)) : std::nullopt;
}

std::string Gzip(const std::string& text) {
  std::ostringstream packed;
  Poco::DeflatingOutputStream stream(packed, Poco::DeflatingStreamBuf::STREAM_GZIP);
  stream << text;
  stream.close();
  return packed.str();
}

std::string GzipBomb(std::int64_t mebibytes) {
  std::ostringstream packed;
  Poco::DeflatingOutputStream stream(packed, Poco::DeflatingStreamBuf::STREAM_GZIP);
  const std::string zeros(kMebibyte, ' ');
  for (std::int64_t n = 0; n < mebibytes; ++n) {
    stream << zeros;
  }
  stream.close();
  return packed.str();
}

/// As a server with compression switched on does.
void PackFor(const Request& request, Reply& reply) {
  const bool accepted =
      FindHeader(request.headers, "Accept-Encoding").find("gzip") != std::string_view::npos;
  if (accepted && FindHeader(reply.headers, "Content-Encoding").empty()) {
    reply.body = Gzip(reply.body);
    SetHeader(reply.headers, "Content-Encoding", "gzip");
  }
}

struct WireFault {
  std::string_view name;
  Wire wire;
};
constexpr std::array<WireFault, 18> kWireFaults = {{
    {"reset", Wire::kReset},
    {"reset_in_headers", Wire::kResetInHeaders},
    {"drip_headers", Wire::kDripHeaders},
    {"drip", Wire::kDripBody},
    {"hang", Wire::kStallBeforeReply},
    {"stall", Wire::kStallInBody},
    {"cut_body", Wire::kCutBody},
    {"cut_chunk", Wire::kCutChunk},
    {"bad_chunk", Wire::kBadChunkSize},
    {"huge_chunk", Wire::kHugeChunkSize},
    {"trailing_garbage", Wire::kTrailingGarbage},
    {"idle_close", Wire::kCloseAfterReply},
    {"stale", Wire::kHangUp},
    {"huge_body", Wire::kHugeBody},
    {"endless_body", Wire::kEndlessBody},
    {"endless_header", Wire::kEndlessHeader},
    {"many_headers", Wire::kManyHeaders},
    {"huge_header", Wire::kHugeHeader},
}};

void SpoilBody(const std::vector<Fault>& faults, Reply& reply) {
  if (const Fault* const fault = FindFault(faults, "invalid_json")) {
    reply.body = BreakJson(reply.body, fault->value);
  }
  if (const Fault* const fault = FindFault(faults, "gzip_bomb")) {
    reply.body = GzipBomb(FaultNumber(*fault));
    SetHeader(reply.headers, "Content-Encoding", "gzip");
  }
  if (FindFault(faults, "nested_encoding") != nullptr) {
    reply.body = Gzip(Gzip(reply.body));
    SetHeader(reply.headers, "Content-Encoding", "gzip, gzip");
  }
  if (const Fault* const fault = FindFault(faults, "wrong_encoding")) {
    SetHeader(reply.headers, "Content-Encoding", fault->value);
  }
}

}  // namespace

const Fault* FindFault(const std::vector<Fault>& faults, std::string_view name) {
  const auto found = std::find_if(faults.begin(), faults.end(),
                                  [name](const Fault& fault) { return fault.name == name; });
  return found == faults.end() ? nullptr : &*found;
}

std::int64_t FaultNumber(const Fault& fault) {
  return std::strtoll(fault.value.c_str(), nullptr, 10);
}

std::optional<Reply> ReplyInstead(const std::vector<Fault>& faults, const Request& request,
                                  TimePoint now, ErrorBodyStyle style) {
  for (const Fault& fault : faults) {
    if (fault.name == "redirect") {
      return Redirect(fault, request);
    }
    if (auto reply = ReplyOf(fault, now, style)) {
      return reply;
    }
  }
  return std::nullopt;
}

void SpoilReply(const std::vector<Fault>& faults, const Request& request, Reply& reply) {
  SpoilBody(faults, reply);
  if (FindFault(faults, "gzip") != nullptr) {
    PackFor(request, reply);
  }
  if (FindFault(faults, "date_missing") != nullptr) {
    RemoveHeader(reply.headers, "Date");
  }
  if (const Fault* const fault = FindFault(faults, "date_absurd")) {
    SetHeader(reply.headers, "Date", fault->value);
  }
  if (const Fault* const fault = FindFault(faults, "latency")) {
    reply.delivery.latency = std::chrono::milliseconds(FaultNumber(*fault));
  }
  for (const WireFault& wire : kWireFaults) {
    if (const Fault* const fault = FindFault(faults, wire.name)) {
      reply.delivery.wire = wire.wire;
      reply.delivery.amount = FaultNumber(*fault);
    }
  }
}

std::string FormatHttpDate(TimePoint time) {
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  return Poco::DateTimeFormatter::format(Poco::Timestamp(micros),
                                         Poco::DateTimeFormat::HTTP_FORMAT);
}

}  // namespace acronis::simulator
