#include "plugin/api/error_body.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <Poco/String.h>
#include <Poco/URI.h>

#include "plugin/api/json_document.h"
#include "plugin/core/time_format.h"

namespace acronis::api {
namespace {

constexpr std::size_t kMaxMessageBytes = 200;
constexpr std::size_t kMaxParsedBytes = std::size_t{64} << 10U;
constexpr std::chrono::seconds kMaxRetryAfter = std::chrono::minutes(5);

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// Length of the control character at `text[at]`, 0 if there is none: C0, DEL, and C1 in UTF-8.
std::size_t ControlLength(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7F) {
    return 1;
  }
  const bool c1 = byte == 0xC2 && at + 1 < text.size() &&
                  static_cast<unsigned char>(text[at + 1]) >= 0x80 &&
                  static_cast<unsigned char>(text[at + 1]) < 0xA0;
  return c1 ? 2 : 0;
}

/// `text` with every run of spaces and control characters turned into one space.
std::string Squeeze(std::string_view text) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t control = ControlLength(text, at);
    const char next = control == 0 ? text[at] : ' ';
    if (next != ' ' || !line.ends_with(' ')) {
      line += next;
    }
    at += std::max<std::size_t>(control, 1);
  }
  return Poco::trim(line);
}

/// One line without control characters, cut between two characters.
std::string OneLine(std::string_view text) {
  constexpr std::string_view kMore = "...";
  // Enough to know whether there is more than fits, without reading a huge text in full.
  std::string line = Squeeze(text.substr(0, kMaxParsedBytes));
  if (line.size() <= kMaxMessageBytes) {
    return line;
  }
  std::size_t end = kMaxMessageBytes - kMore.size();
  while (end > 0 && IsContinuation(line[end])) {
    --end;
  }
  return line.substr(0, end).append(kMore);
}

/// Domain and code, for errors that say nothing else.
std::string CodeText(const Poco::JSON::Object::Ptr& object) {
  const std::string code = TextAt(object, "code");
  const std::string domain = TextAt(object, "domain");
  return code.empty() || domain.empty() ? code + domain : domain + ": " + code;
}

/// The message of one error object, wherever it keeps it.
std::string MessageOf(const Poco::JSON::Object::Ptr& object) {
  for (const char* key : {"message", "error_description", "reason"}) {
    if (std::string text = TextAt(object, key); !text.empty()) {
      return text;
    }
  }
  return TextAt(ObjectAt(object, "debug"), "msg");
}

std::string JsonErrorText(const Poco::JSON::Object::Ptr& document) {
  const auto wrapped = ObjectAt(document, "error");
  std::string text = MessageOf(wrapped);
  if (text.empty()) {
    text = MessageOf(document);
  }
  if (text.empty()) {
    text = CodeText(wrapped.isNull() ? document : wrapped);
  }
  return text.empty() ? TextAt(document, "error") : text;
}

std::string HtmlTitle(std::string_view body) {
  const std::string lower = Poco::toLower(std::string(body));
  constexpr std::string_view kOpen = "<title>";
  const auto begin = lower.find(kOpen);
  const auto end = lower.find("</title>");
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    return {};
  }
  const auto text = begin + kOpen.size();
  return std::string(body.substr(text, end - text));
}

/// A text of unknown encoding, fit for a log line.
std::string AsciiOnly(std::string_view text) {
  std::string out(text.substr(0, 2 * kMaxMessageBytes));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80U; }, '?');
  return out;
}

std::optional<std::chrono::seconds> Clamp(std::chrono::nanoseconds wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
  return std::clamp(seconds, std::chrono::seconds::zero(), kMaxRetryAfter);
}

/// Seconds or an HTTP date; anything else is as if it were not there.
std::optional<std::chrono::seconds> RetryAfter(const HttpResponse& response, TimePoint now) {
  const std::string text = Poco::trim(std::string(response.Header("Retry-After")));
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (digits) {
    std::int64_t seconds = kMaxRetryAfter.count();
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool too_large = problem != std::errc() || seconds > kMaxRetryAfter.count();
    return too_large ? kMaxRetryAfter : std::chrono::seconds(seconds);
  }
  const auto date = ParseHttpDate(text);
  if (!date) {
    return std::nullopt;
  }
  return Clamp(*date - ParseHttpDate(response.Header("Date")).value_or(now));
}

ErrorKind KindOfStatus(int status, bool asks_to_wait) {
  switch (status) {
    case 401:
      return ErrorKind::kAuth;
    case 403:
      return ErrorKind::kForbidden;
    case 404:
      return ErrorKind::kNotFound;
    case 429:
      return ErrorKind::kRateLimited;
    case 503:
      return asks_to_wait ? ErrorKind::kRateLimited : ErrorKind::kServerError;
    default:
      break;
  }
  if (status >= 500) {
    return ErrorKind::kServerError;
  }
  return status >= 400 ? ErrorKind::kBadRequest : ErrorKind::kInvalidResponse;
}

/// Where a redirect leads: the host alone, since a location may carry secrets.
std::string RedirectText(const HttpResponse& response) {
  const std::string location(response.Header("Location"));
  if (location.empty()) {
    return "a redirect without a location";
  }
  try {
    const std::string host = Poco::URI(location).getHost();
    return host.empty() ? "a redirect on the same host, which is not followed"
                        : "a redirect to " + OneLine(host) + ", which is not followed";
  } catch (const std::exception&) {
    return "a redirect to an invalid location";
  }
}

}  // namespace

std::string ReadErrorBody(std::string_view body) {
  if (body.size() <= kMaxParsedBytes) {
    if (const auto document = ParseJsonObject(body); !document.isNull()) {
      return OneLine(JsonErrorText(document));
    }
  }
  const std::string_view beginning = body.substr(0, kMaxParsedBytes);
  const std::string title = HtmlTitle(beginning);
  return OneLine(AsciiOnly(title.empty() ? beginning : title));
}

Error StatusError(std::string_view what, const HttpResponse& response, TimePoint now) {
  const auto retry_after = RetryAfter(response, now);
  const bool redirect = response.status >= 300 && response.status < 400;
  const std::string text = redirect ? RedirectText(response) : ReadErrorBody(response.body);
  std::string message = std::string(what) + ": HTTP " + std::to_string(response.status);
  if (!text.empty()) {
    message += ": " + text;
  }
  return {KindOfStatus(response.status, retry_after.has_value()), std::move(message), retry_after,
          response.status};
}

void Conceal(HttpResponse& response, std::span<const Secret> sent) {
  // Shorter ones would be found in any text.
  constexpr std::size_t kShortest = 4;
  for (const Secret& secret : sent) {
    if (secret.Reveal().size() < kShortest) {
      continue;
    }
    Poco::replaceInPlace(response.body, secret.Reveal(), std::string("***"));
    for (auto& header : response.headers) {
      Poco::replaceInPlace(header.second, secret.Reveal(), std::string("***"));
    }
  }
}

}  // namespace acronis::api
