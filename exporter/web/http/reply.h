#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acronis::exporter::http {

inline constexpr int kOk = 200;
inline constexpr int kUnauthorized = 401;
inline constexpr int kForbidden = 403;
inline constexpr int kNotFound = 404;
inline constexpr int kMethodNotAllowed = 405;
inline constexpr int kRequestTimeout = 408;
inline constexpr int kTooManyRequests = 429;
inline constexpr int kInternalError = 500;
inline constexpr int kUnavailable = 503;

/// A body in pieces, which are sent as they lie: large ones are shared by many replies.
class Body {
 public:
  Body() = default;
  /// A text of its own.
  explicit Body(std::string text);
  /// `pieces` live as long as `owner`.
  Body(std::vector<std::string_view> pieces, std::shared_ptr<const void> owner)
      : pieces_(std::move(pieces)), owner_(std::move(owner)) {}

  const std::vector<std::string_view>& Pieces() const { return pieces_; }
  std::size_t Size() const;

 private:
  std::vector<std::string_view> pieces_;
  std::shared_ptr<const void> owner_;
};

/// The answer to one request. Content-Length, Date and Connection are added when it is sent.
struct Reply {
  int status = kOk;
  std::vector<std::pair<std::string, std::string>> fields{};
  Body body{};
  /// Called once the whole body has been handed to the network: not for HEAD, not when the client
  /// went away. May be empty.
  std::function<void()> served{};
  bool close = false;  ///< End the connection even if the client would go on.

  void Set(std::string name, std::string value) {
    fields.emplace_back(std::move(name), std::move(value));
  }
  /// Sets a field in the place of all of that name, in any case.
  void Replace(const std::string& name, const std::string& value);
};

/// A short text, with a line feed behind it. Its type is not to be guessed.
Reply TextReply(int status, std::string_view text);

/// The reason phrase of the statuses that this server uses.
std::string_view ReasonPhrase(int status);

/// Status line and fields, with the empty line. `date` as an HTTP date.
std::string WriteHead(const Reply& reply, std::string_view date, bool keep_alive);

}  // namespace acronis::exporter::http
