#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "exporter/web/auth/credentials.h"
#include "exporter/web/auth/password_checker.h"
#include "plugin/core/secret.h"

namespace acronis::exporter {

/// The users who may come in. Immutable, and thread-safe like the checker, which it shares.
class PasswordBook {
 public:
  using Users = std::map<std::string, Secret, std::less<>>;

  /// `users` with their bcrypt hashes; the names are public, the hashes are not.
  PasswordBook(Users users, std::shared_ptr<PasswordChecker> checker);

  /// Nobody is in it: no password is asked for.
  bool Empty() const { return users_.empty(); }

  /// Whether they may come in. For a user who is not in the book this costs what the dearest one
  /// in it costs, so that nobody learns the names by the time an answer takes.
  /// REQUIRES: not Empty().
  Verdict Check(const Credentials& credentials) const;

 private:
  Users users_;
  Secret dummy_;  ///< Checked in the place of a hash that is not there.
  std::shared_ptr<PasswordChecker> checker_;
};

}  // namespace acronis::exporter
