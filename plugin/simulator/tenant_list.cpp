#include "plugin/simulator/tenant_list.h"

#include <array>
#include <string_view>

#include "plugin/simulator/dice.h"
#include "plugin/simulator/text_format.h"

namespace acronis::simulator {

namespace {

constexpr int kCustomersPerReseller = 10;
constexpr int kFirstId = 66;

constexpr std::array<std::string_view, 14> kNames = {
    "Bäckerei Müller", "Acme Dental",     "Łódź Logistics", "Café do Porto",  "北海道工業",
    "Smith & Sons",    "Ødegaard AS",     "DemoCustomer",   "Ζαχαροπλαστείο", "O'Brien \"Quality\"",
    "Северный Порт",   "Zürich Treuhand", "Crème & Co",     "Contoso"};

constexpr std::uint64_t kUuidSalt = 0x7e4a47;

}  // namespace

Tenant RootTenant(std::uint64_t seed) {
  return {"1", Uuid(Mix(seed, kUuidSalt)), "Simulated Partner", "/1/"};
}

std::vector<Tenant> MakeTenants(std::uint64_t seed, int count) {
  std::vector<Tenant> tenants;
  std::string reseller = "/1/";
  for (int n = 0; n < count; ++n) {
    const auto number = static_cast<std::uint64_t>(n);
    Tenant tenant;
    tenant.id = std::to_string(kFirstId + n);
    tenant.uuid = Uuid(Mix(seed, kUuidSalt + 1 + number));
    tenant.name = std::string(kNames[Mix(seed, number) % kNames.size()]) + ' ' + tenant.id;
    if (n % kCustomersPerReseller == 0) {
      reseller = "/1/" + tenant.id + "/";
      tenant.locator = reseller;
    } else {
      tenant.locator = reseller + tenant.id + "/";
    }
    tenants.push_back(std::move(tenant));
  }
  return tenants;
}

}  // namespace acronis::simulator
