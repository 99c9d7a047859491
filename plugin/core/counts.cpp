#include "plugin/core/counts.h"

#include <algorithm>

namespace acronis {

std::shared_ptr<const AccountCounts> FindAccount(const LedgerSnapshot& snapshot,
                                                 std::string_view account) {
  const auto found =
      std::find_if(snapshot.accounts.begin(), snapshot.accounts.end(),
                   [account](const auto& counts) { return counts->account == account; });
  return found == snapshot.accounts.end() ? nullptr : *found;
}

}  // namespace acronis
