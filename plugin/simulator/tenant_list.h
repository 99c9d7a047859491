#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace acronis::simulator {

struct Tenant {
  std::string id;  ///< A number as text.
  std::string uuid;
  std::string name;     ///< Not always ASCII.
  std::string locator;  ///< Path of ids: `/1/66/67/`.
};

/// The tenants of the simulated account: resellers, each with the customers that follow it.
/// The same for the same seed; tenant n does not depend on `count`.
std::vector<Tenant> MakeTenants(std::uint64_t seed, int count);

/// The tenant that API clients belong to, parent of all others.
Tenant RootTenant(std::uint64_t seed);

}  // namespace acronis::simulator
