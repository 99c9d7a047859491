#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace acronis {

/// What went wrong, as a closed set: the kind decides how the program reacts
/// and is the `reason` label of `acronis_exporter_poll_failures_total`.
enum class ErrorKind {
  kAuth,       ///< The credentials or the token were refused (401, or the token endpoint said 4xx).
  kForbidden,  ///< 403: known, but not allowed.
  kNotFound,   ///< 404: no such endpoint or object.
  kBadRequest,       ///< Any other 4xx: the server did not like the request.
  kRateLimited,      ///< 429, or 503 with Retry-After.
  kServerError,      ///< 5xx.
  kTimeout,          ///< No complete answer within the deadline.
  kNetwork,          ///< Name look-up, connection or transfer failed.
  kTls,              ///< The TLS handshake or the certificate was refused.
  kInvalidResponse,  ///< An answer came, but it is not what the contract promises.
  kCursor,           ///< The page walk loops, never ends, or its cursor was refused.
  kStore,            ///< The ledger could not commit.
  kInvalidArgument,  ///< Refused locally, before any request was sent.
  kCancelled,        ///< The program is stopping; never a failure of a poll.
};

/// The kinds that can fail a poll cycle, in the order of the metric reference.
inline constexpr std::array kPollFailureKinds = {
    ErrorKind::kAuth,        ErrorKind::kForbidden,
    ErrorKind::kNotFound,    ErrorKind::kBadRequest,
    ErrorKind::kRateLimited, ErrorKind::kServerError,
    ErrorKind::kTimeout,     ErrorKind::kNetwork,
    ErrorKind::kTls,         ErrorKind::kInvalidResponse,
    ErrorKind::kCursor,      ErrorKind::kStore,
};

/// Label value of a kind: `auth`, `not_found`, ...
std::string_view ToLabel(ErrorKind kind);

/// A failure as a value. The message is for people: what failed, where, and
/// what is accepted. It never holds a secret.
struct Error {
  ErrorKind kind;
  std::string message;
  /// What the server asked us to wait, if it did.
  std::optional<std::chrono::seconds> retry_after = std::nullopt;
  /// The status of the answer; 0 when there was none.
  int http_status = 0;
};

/// A value or the Error that took its place.
template <typename T>
class [[nodiscard]] Result {
 public:
  // NOLINTBEGIN(google-explicit-constructor): `return task;` and `return Error{...};` read well.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  explicit operator bool() const noexcept { return state_.index() == 0; }

  /// REQUIRES: holds a value.
  const T& value() const& { return std::get<0>(state_); }
  T& value() & { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  /// REQUIRES: holds an error.
  const Error& error() const& { return std::get<1>(state_); }
  Error error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value.
struct Ok {
  bool operator==(const Ok&) const = default;
};
using Status = Result<Ok>;

}  // namespace acronis
