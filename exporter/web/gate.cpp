#include "exporter/web/gate.h"

#include <string>

#include "exporter/web/auth/credentials.h"

namespace acronis::exporter {
namespace {

using http::Reply;
using http::Request;
using http::TextReply;

Verdict Judge(const PasswordBook& passwords, const Request& request) {
  const std::string* const header = request.Find("authorization");
  const auto credentials = header != nullptr ? ReadBasicCredentials(*header) : std::nullopt;
  return credentials ? passwords.Check(*credentials) : Verdict::kWrong;
}

Reply Unauthorized() {
  Reply reply = TextReply(http::kUnauthorized, "Unauthorized");
  reply.Set("WWW-Authenticate", "Basic");
  return reply;
}

}  // namespace

Gate::Gate(WebConfigWatch& watch, const Clock& clock)
    : watch_(watch), clock_(clock), rate_limit_(watch.RateLimitAtStart()) {}

Reply Gate::Answer(const Request& request, const http::Handler& handler) {
  const auto access = watch_.Current();
  if (!access) {
    return TextReply(http::kInternalError, "Internal Server Error");
  }
  Reply reply = Admit(**access, request, handler);
  for (const auto& [name, value] : (*access)->config.headers) {
    reply.Replace(name, value);
  }
  return reply;
}

Reply Gate::Admit(const WebAccess& access, const Request& request, const http::Handler& handler) {
  if (!rate_limit_.Allow(clock_.Monotonic())) {
    return TextReply(http::kTooManyRequests, "Too Many Requests");
  }
  if (access.passwords.Empty()) {
    return handler(request);
  }
  switch (Judge(access.passwords, request)) {
    case Verdict::kRight:
      return handler(request);
    case Verdict::kBusy:
      return TextReply(http::kUnavailable,
                       "Too many passwords wait to be checked, try again later");
    case Verdict::kWrong:
      break;
  }
  return Unauthorized();
}

}  // namespace acronis::exporter
