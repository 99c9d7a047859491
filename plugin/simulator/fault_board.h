#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/result.h"

namespace acronis::simulator {

/// What a request asks for, as far as faults tell apart.
enum class Endpoint : std::uint8_t { kToken, kTasks, kOther };

/// A fault that is switched on.
struct Fault {
  std::string name{};      ///< One of KnownFaults().
  std::string value{};     ///< Parameter; empty: the default of the fault.
  std::string path{};      ///< `token`, `tasks` or `any`; empty: the default of the fault.
  std::int64_t count = 0;  ///< How many requests it still strikes; negative: all; 0: the default.
};

/// One row of the catalogue of faults.
struct FaultKind {
  std::string_view name;
  std::string_view value;    ///< Default value.
  std::string_view path;     ///< Default path.
  std::int64_t count;        ///< Default count.
  bool later_pages;          ///< Strikes only requests that carry a page token.
  std::string_view summary;  ///< What it does, and what the value means.
};

std::span<const FaultKind> KnownFaults();

/// What the fault `tls` can do: certificates that no client may trust, a protocol that is too old,
/// and no TLS at all.
inline constexpr std::array<std::string_view, 8> kTlsFlaws = {
    "expired",    "not_yet_valid", "self_signed", "unknown_ca",
    "wrong_host", "weak_key",      "tls11",       "plain"};

/// The faults that are switched on. Thread-safe.
class FaultBoard {
 public:
  /// Switches a fault on, or replaces it. An unknown name or path is refused
  /// (kInvalidArgument) with the list of what is known.
  Status Set(Fault fault);
  /// False if it was not on.
  bool Clear(std::string_view name);
  void ClearAll();
  std::vector<Fault> List() const;

  /// The faults that strike a request for `endpoint`; their counts go down.
  /// `later_page`: the request carries a page token.
  std::vector<Fault> Strike(Endpoint endpoint, bool later_page);
  /// That fault, if it strikes a connection that has just been accepted.
  std::optional<Fault> StrikeConnection(std::string_view name);

 private:
  mutable std::mutex mutex_;
  std::vector<Fault> active_;  // Guarded by mutex_.
};

/// Whether the fault `unreadable` with the value `one_in` is about the task `id`.
bool IsUnreadable(std::int64_t id, std::int64_t one_in);

}  // namespace acronis::simulator
