#pragma once

#include <string>

#include "plugin/core/secret.h"

namespace acronis::exporter {

/// True when `hash`, a bcrypt hash, is that of `password`. Only the first 72 bytes of a password
/// count, as everywhere with bcrypt. Costs a time that grows with the hash alone, a sixteenth of a
/// second with cost 10. Thread-safe.
bool MatchesBcrypt(const Secret& password, const Secret& hash);

/// A hash of nobody's password that costs as much to check as `hash`.
/// REQUIRES: `hash` is a bcrypt hash.
Secret DummyHashLike(const Secret& hash);

}  // namespace acronis::exporter
