#include "exporter/web/auth/bcrypt.h"

#include <algorithm>
#include <crypt.h>
#include <cstring>
#include <memory>
#include <openssl/crypto.h>
#include <string_view>

namespace acronis::exporter {
namespace {

constexpr std::size_t kMostBytes = 72;

/// What crypt_rn() works in; it holds the password afterwards.
struct WorkspaceFree {
  void operator()(crypt_data* workspace) const {
    explicit_bzero(workspace, sizeof *workspace);
    delete workspace;
  }
};
using Workspace = std::unique_ptr<crypt_data, WorkspaceFree>;

bool SameText(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

bool MatchesBcrypt(const Secret& password, const Secret& hash) {
  const std::string& whole = password.Reveal();
  const Secret cut(whole.substr(0, kMostBytes));
  const Workspace workspace(new crypt_data{});
  // Not crypt_r(): the sanitizers put their own in its place, which cannot find the real one.
  const char* const made = crypt_rn(cut.Reveal().c_str(), hash.Reveal().c_str(), workspace.get(),
                                    static_cast<int>(sizeof(crypt_data)));
  // A NUL ends what crypt_rn() sees: the rest would not count.
  const bool seen_whole = cut.Reveal().find('\0') == std::string::npos;
  return made != nullptr && SameText(made, hash.Reveal()) && seen_whole;
}

Secret DummyHashLike(const Secret& hash) {
  constexpr std::size_t kSettings = 7;  // The kind and the cost, `$2y$10$`.
  constexpr std::size_t kRest = 53;
  return Secret(hash.Reveal().substr(0, kSettings) + std::string(kRest, '.'));
}

}  // namespace acronis::exporter
