#include "exporter/web/auth/password_checker.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdexcept>
#include <string>
#include <utility>

namespace acronis::exporter {
namespace {

/// With its length in front, so that no two rows of texts give the same bytes.
void Append(std::string& out, std::string_view text) {
  out += std::to_string(text.size()) + ':';
  out += text;
}

template <typename Digest>
void FillRandomly(Digest& bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("no random numbers to be had from OpenSSL");
  }
}

/// Takes out any one. REQUIRES: there is one.
template <typename Digests>
void ForgetOneOf(Digests& digests) {
  typename Digests::value_type point{};
  FillRandomly(point);
  const auto next = digests.lower_bound(point);
  digests.erase(next == digests.end() ? digests.begin() : next);
}

}  // namespace

/// A place in the row of those who want a bcrypt. The mutex is held but for the waiting.
class PasswordChecker::Turn {
 public:
  explicit Turn(PasswordChecker& checker) : checker_(checker), ticket_(checker.next_ticket_++) {}
  ~Turn() {
    ++checker_.serving_;
    checker_.changed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  void Await(std::unique_lock<std::mutex>& lock) {
    checker_.changed_.wait(lock, [&] { return checker_.serving_ == ticket_; });
  }

 private:
  PasswordChecker& checker_;
  const std::uint64_t ticket_;
};

PasswordChecker::PasswordChecker(Bcrypt bcrypt) : bcrypt_(std::move(bcrypt)) {
  FillRandomly(key_);
}

Verdict PasswordChecker::Check(std::string_view user, const Secret& password, const Secret& hash) {
  const Digest digest = DigestOf(user, password, hash);
  std::unique_lock lock(mutex_);
  if (const auto known = Recall(digest)) {
    return *known;
  }
  if (next_ticket_ - serving_ > kMostWaiting) {
    return Verdict::kBusy;
  }
  Turn turn(*this);
  turn.Await(lock);
  if (const auto known = Recall(digest)) {  // Somebody else asked the same.
    return *known;
  }
  lock.unlock();
  bool right = false;
  try {
    right = bcrypt_(password, hash);
  } catch (...) {
    lock.lock();  // The turn ends under the lock.
    throw;
  }
  lock.lock();
  Remember(digest, right);
  return right ? Verdict::kRight : Verdict::kWrong;
}

std::size_t PasswordChecker::Waiting() const {
  const std::lock_guard lock(mutex_);
  return next_ticket_ == serving_ ? 0 : next_ticket_ - serving_ - 1;
}

std::size_t PasswordChecker::Remembered() const {
  const std::lock_guard lock(mutex_);
  return right_.size() + wrong_.size();
}

PasswordChecker::Digest PasswordChecker::DigestOf(std::string_view user, const Secret& password,
                                                  const Secret& hash) const {
  constexpr std::size_t kLengths = 64;
  std::string text;
  text.reserve(user.size() + hash.Reveal().size() + password.Reveal().size() + kLengths);
  Append(text, user);
  Append(text, hash.Reveal());
  Append(text, password.Reveal());
  const Secret message(std::move(text));
  Digest digest{};
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.Reveal().data());
  if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes, message.Reveal().size(),
           digest.data(), nullptr) == nullptr) {
    throw std::runtime_error("no HMAC to be had from OpenSSL");
  }
  return digest;
}

std::optional<Verdict> PasswordChecker::Recall(const Digest& digest) const {
  if (right_.contains(digest)) {
    return Verdict::kRight;
  }
  return wrong_.contains(digest) ? std::optional(Verdict::kWrong) : std::nullopt;
}

void PasswordChecker::Remember(const Digest& digest, bool right) {
  if (right_.size() + wrong_.size() == kMostRemembered) {
    if (wrong_.empty() && !right) {
      return;
    }
    ForgetOneOf(wrong_.empty() ? right_ : wrong_);
  }
  (right ? right_ : wrong_).insert(digest);
}

}  // namespace acronis::exporter
