#include "exporter/web/http/request_parser.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace acronis::exporter::http {
namespace {

constexpr int kBadRequest = 400;
constexpr int kTargetTooLong = 414;
constexpr int kExpectationFailed = 417;
constexpr int kFieldsTooLarge = 431;
constexpr int kNotImplemented = 501;
constexpr int kVersionNotSupported = 505;

using MaybeMalformed = std::optional<Malformed>;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsAlphanumeric(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// RFC 9110, 5.6.2.
bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return IsAlphanumeric(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool IsHex(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool IsEscape(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && IsHex(text[1]) && IsHex(text[2]);
}

bool IsTargetCharacter(char c) {
  return IsAlphanumeric(c) ||
         std::string_view("-._~:/?[]@!$&'()*+,;=").find(c) != std::string_view::npos;
}

/// RFC 3986, with every `%` followed by two hexadecimal digits.
bool IsTargetText(std::string_view text) {
  while (!text.empty()) {
    const bool escape = IsEscape(text);
    if (!escape && !IsTargetCharacter(text.front())) {
      return false;
    }
    text.remove_prefix(escape ? 3 : 1);
  }
  return true;
}

/// Visible characters, spaces, tabs and what older texts call obs-text (RFC 9110, 5.5).
bool IsFieldValue(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7F);
  });
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Takes the text before `separator` off the front; all of it when there is none.
std::string_view TakeUntil(std::string_view& text, char separator) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return taken;
}

/// True when the comma-separated list `value` has `word`, in any case.
bool HasWord(std::string_view value, std::string_view word) {
  while (!value.empty()) {
    if (Lower(Trim(TakeUntil(value, ','))) == word) {
      return true;
    }
  }
  return false;
}

/// `host`, `host:port`, `[v6]:port`, or nothing.
bool IsHost(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return IsAlphanumeric(c) ||
           std::string_view("-._~:[]!$&'()*+,;=%").find(c) != std::string_view::npos;
  });
}

/// Reads one head whose lines are known to be there.
class HeadReader {
 public:
  HeadReader(std::string_view head, const HeadLimits& limits) : rest_(head), limits_(limits) {}

  /// Without the bytes of the head's end.
  std::variant<Malformed, Request> Read() {
    for (const auto step : {&HeadReader::RequestLine, &HeadReader::Fields, &HeadReader::Host,
                            &HeadReader::Body, &HeadReader::Expectation}) {
      if (auto problem = (this->*step)()) {
        return *problem;
      }
    }
    KeepAlive();
    return std::move(request_);
  }

 private:
  /// One line without its CR LF. Empty when a CR or LF stands alone.
  std::optional<std::string_view> Line() {
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (!line.ends_with('\r') || line.find('\r') != line.size() - 1) {
      return std::nullopt;
    }
    line.remove_suffix(1);
    return line;
  }

  MaybeMalformed RequestLine() {
    const auto line = Line();
    if (!line) {
      return Malformed{kBadRequest, "lines must end in CR LF"};
    }
    std::string_view rest = *line;
    request_.method = TakeUntil(rest, ' ');
    const std::string_view target = TakeUntil(rest, ' ');
    if (!IsToken(request_.method) || target.empty()) {
      return Malformed{kBadRequest, "malformed request line"};
    }
    if (target.size() > limits_.target) {
      return Malformed{kTargetTooLong, "request target too long"};
    }
    if (auto problem = Version(rest)) {
      return problem;
    }
    return Target(target);
  }

  /// A later minor version is answered as this one (RFC 9110, 2.5).
  MaybeMalformed Version(std::string_view version) {
    if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.' ||
        !IsDigit(version[5]) || !IsDigit(version[7])) {
      return Malformed{kBadRequest, "malformed HTTP version"};
    }
    if (version[5] != '1') {
      return Malformed{kVersionNotSupported, "HTTP version not supported"};
    }
    is_1_1_ = version[7] != '0';
    return std::nullopt;
  }

  MaybeMalformed Target(std::string_view target) {
    if (!IsTargetText(target)) {
      return Malformed{kBadRequest, "malformed request target"};
    }
    // What CONNECT names is no path; it is answered as every unknown method is.
    const bool names_no_path = request_.method == "CONNECT" || target == "*";
    if (target.front() != '/' && !names_no_path) {
      const std::size_t authority = target.find("://");
      if (authority == std::string_view::npos) {
        return Malformed{kBadRequest, "malformed request target"};
      }
      target.remove_prefix(std::min(target.size(), target.find_first_of("/?", authority + 3)));
    }
    request_.path = TakeUntil(target, '?');
    request_.query = target;
    if (request_.path.empty()) {
      request_.path = "/";
    }
    return std::nullopt;
  }

  MaybeMalformed Fields() {
    while (!rest_.empty()) {
      const auto line = Line();
      if (!line) {
        return Malformed{kBadRequest, "lines must end in CR LF"};
      }
      if (line->empty()) {
        break;
      }
      if (request_.fields.size() == limits_.fields) {
        return Malformed{kFieldsTooLarge, "too many header fields"};
      }
      std::string_view value = *line;
      const std::string_view name = TakeUntil(value, ':');
      if (name.size() == line->size() || !IsToken(name) || !IsFieldValue(value)) {
        return Malformed{kBadRequest, "malformed header field"};
      }
      request_.fields.emplace_back(Lower(name), Trim(value));
    }
    return std::nullopt;
  }

  std::size_t Count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        request_.fields, [&](const auto& field) { return field.first == name; }));
  }

  MaybeMalformed Host() {
    const std::size_t hosts = Count("host");
    if (hosts > 1 || (hosts == 0 && is_1_1_)) {
      return Malformed{kBadRequest,
                       hosts == 0 ? "missing Host header field" : "too many Host header fields"};
    }
    if (hosts == 1 && !IsHost(*request_.Find("host"))) {
      return Malformed{kBadRequest, "malformed Host header field"};
    }
    return std::nullopt;
  }

  MaybeMalformed Body() {
    const std::size_t lengths = Count("content-length");
    const std::size_t encodings = Count("transfer-encoding");
    if (lengths + encodings > 1) {
      return Malformed{kBadRequest, "more than one length of the body"};
    }
    if (encodings == 1) {
      return Encoding(*request_.Find("transfer-encoding"));
    }
    return lengths == 1 ? Length(*request_.Find("content-length")) : std::nullopt;
  }

  MaybeMalformed Encoding(std::string_view value) {
    if (!is_1_1_) {
      return Malformed{kBadRequest, "transfer encoding in HTTP/1.0"};
    }
    if (Lower(value) != "chunked") {
      return Malformed{kNotImplemented, "unsupported transfer encoding"};
    }
    request_.body = BodyKind::kChunked;
    return std::nullopt;
  }

  MaybeMalformed Length(std::string_view value) {
    const char* const end = value.data() + value.size();
    const auto [stopped, error] = std::from_chars(value.data(), end, request_.body_size);
    if (value.empty() || error != std::errc() || stopped != end) {
      return Malformed{kBadRequest, "malformed Content-Length header field"};
    }
    request_.body = request_.body_size == 0 ? BodyKind::kNone : BodyKind::kLength;
    return std::nullopt;
  }

  MaybeMalformed Expectation() {
    if (const std::string* const expected = request_.Find("expect")) {
      if (Lower(*expected) != "100-continue") {
        return Malformed{kExpectationFailed, "expectation not supported"};
      }
      request_.expects_continue = true;
    }
    return std::nullopt;
  }

  void KeepAlive() {
    const std::string connection = request_.Joined("connection");
    request_.keep_alive =
        is_1_1_ ? !HasWord(connection, "close") : HasWord(connection, "keep-alive");
  }

  std::string_view rest_;
  const HeadLimits& limits_;
  Request request_;
  bool is_1_1_ = false;
};

/// The size of the head with its empty line; 0 when the end has not come. A line that ends in a
/// lone LF ends the head too: the reader refuses it.
std::size_t HeadSize(std::string_view bytes) {
  std::size_t line = 0;
  while (true) {
    const std::size_t end = bytes.find('\n', line);
    if (end == std::string_view::npos) {
      return 0;
    }
    const std::string_view text = bytes.substr(line, end - line);
    if (text.empty() || text == "\r" || text.back() != '\r') {
      return end + 1;
    }
    line = end + 1;
  }
}

/// An empty line that some clients send behind a body (RFC 9112, 2.2).
std::size_t LeadingEmptyLine(std::string_view bytes) {
  return bytes.starts_with("\r\n") ? 2 : 0;
}

Malformed TooLarge(std::string_view bytes, const HeadLimits& limits) {
  const std::size_t line = bytes.find('\n');
  return line == std::string_view::npos || line > limits.target + std::size_t{64}
             ? Malformed{kTargetTooLong, "request target too long"}
             : Malformed{kFieldsTooLarge, "header fields too large"};
}

}  // namespace

std::variant<Incomplete, Malformed, Parsed> ParseRequest(std::string_view bytes,
                                                         const HeadLimits& limits) {
  const std::size_t skipped = LeadingEmptyLine(bytes);
  bytes.remove_prefix(skipped);
  if (!bytes.empty() && bytes.front() != '\r' && !IsToken(bytes.substr(0, 1))) {
    return Malformed{kBadRequest, "this is not HTTP"};  // TLS, as a rule.
  }
  const std::size_t size = HeadSize(bytes);
  if (size > limits.bytes || (size == 0 && bytes.size() >= limits.bytes)) {
    return TooLarge(bytes, limits);
  }
  if (size == 0) {
    return Incomplete{};
  }
  auto read = HeadReader(bytes.substr(0, size), limits).Read();
  if (auto* const malformed = std::get_if<Malformed>(&read)) {
    return *malformed;
  }
  return Parsed{std::get<Request>(std::move(read)), skipped + size};
}

}  // namespace acronis::exporter::http
