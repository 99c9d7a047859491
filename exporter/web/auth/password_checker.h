#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

#include "plugin/core/secret.h"

namespace acronis::exporter {

/// What comes of checking a password.
enum class Verdict {
  kRight,
  kWrong,
  kBusy,  ///< Too many others wait for their check: answer 503.
};

/// Checks passwords against bcrypt hashes: one at a time in the process, first come, first served,
/// as each keeps a core busy. One instance outlives every change of the users.
///
/// The last 100 results are remembered, under a keyed digest, so that no password is kept. A
/// result that is remembered never waits. Wrong passwords never push right ones out of the memory.
/// Thread-safe.
class PasswordChecker {
 public:
  /// True when the hash is that of the password.
  using Bcrypt = std::function<bool(const Secret& password, const Secret& hash)>;

  static constexpr std::size_t kMostRemembered = 100;
  /// Threads that wait for their turn.
  static constexpr std::size_t kMostWaiting = 16;

  explicit PasswordChecker(Bcrypt bcrypt);

  /// Waits for its turn unless the result is remembered or kBusy.
  Verdict Check(std::string_view user, const Secret& password, const Secret& hash);

  /// For tests: threads that wait now, and results that are remembered.
  std::size_t Waiting() const;
  std::size_t Remembered() const;

 private:
  using Digest = std::array<std::uint8_t, 32>;
  class Turn;

  Digest DigestOf(std::string_view user, const Secret& password, const Secret& hash) const;
  // These want mutex_ to be held.
  std::optional<Verdict> Recall(const Digest& digest) const;
  void Remember(const Digest& digest, bool right);

  const Bcrypt bcrypt_;
  Digest key_{};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  std::uint64_t next_ticket_ = 0;
  std::uint64_t serving_ = 0;  ///< The ticket whose turn it is; all from here on are not done.
  std::set<Digest> right_;
  std::set<Digest> wrong_;
};

}  // namespace acronis::exporter
