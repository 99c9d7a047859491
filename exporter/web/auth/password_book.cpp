#include "exporter/web/auth/password_book.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "exporter/web/auth/bcrypt.h"

namespace acronis::exporter {
namespace {

/// Two digits, so their order is that of the numbers.
std::string_view CostOf(const Secret& hash) {
  constexpr std::size_t kCostAt = 4;
  return std::string_view(hash.Reveal()).substr(kCostAt, 2);
}

}  // namespace

PasswordBook::PasswordBook(Users users, std::shared_ptr<PasswordChecker> checker)
    : users_(std::move(users)), checker_(std::move(checker)) {
  const auto dearest = std::ranges::max_element(
      users_, {}, [](const Users::value_type& user) { return CostOf(user.second); });
  if (dearest != users_.end()) {
    dummy_ = DummyHashLike(dearest->second);
  }
}

Verdict PasswordBook::Check(const Credentials& credentials) const {
  const auto user = users_.find(credentials.user);
  const bool known = user != users_.end();
  const Verdict verdict =
      checker_->Check(credentials.user, credentials.password, known ? user->second : dummy_);
  // Should the dummy ever fit, it still is nobody's.
  return verdict == Verdict::kRight && !known ? Verdict::kWrong : verdict;
}

}  // namespace acronis::exporter
