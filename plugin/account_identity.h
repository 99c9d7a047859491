#pragma once

#include "plugin/core/options.h"
#include "plugin/ledger/ledger.h"

namespace acronis {

/// What the store knows an account by. The same account gives the same texts, however it is
/// written. REQUIRES: `options` were checked by CheckAccount().
ledger::AccountIdentity IdentityOf(const AccountOptions& options);

}  // namespace acronis
