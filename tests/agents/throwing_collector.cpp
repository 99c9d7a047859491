/// In the place of plugin/collector.cpp in a module of the tests: a core that throws where the
/// environment says so (ACRONIS_TEST_THROW).

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "plugin/collector.h"

namespace acronis {
namespace {

void ThrowAt(const std::string& place) {
  const char* const wanted = std::getenv("ACRONIS_TEST_THROW");
  if (wanted != nullptr && place == wanted) {
    throw std::runtime_error("thrown at " + place);
  }
}

class ThrowingCollector final : public Collector {
 public:
  Status OpenStore() override {
    ThrowAt("store");
    return Ok{};
  }
  void Start() override { ThrowAt("start"); }
  bool PollOnce() noexcept override { return false; }
  Status Reload(const CollectorOptions& /*options*/) override { return Ok{}; }
  std::shared_ptr<const Snapshot> TakeSnapshot() const override {
    ThrowAt("snapshot");
    auto counts = std::make_shared<AccountCounts>();
    counts->account = "emea";
    return std::make_shared<Snapshot>(Snapshot{.accounts = {{.counts = counts}}});
  }
  void NoteServed(const Snapshot& /*snapshot*/) noexcept override {}
  void Stop() noexcept override {}
  void CloseStore() noexcept override {}
};

}  // namespace

Result<std::unique_ptr<Collector>> Collector::Open(const CollectorOptions& /*options*/,
                                                   Deps /*deps*/) {
  ThrowAt("open");
  return Result<std::unique_ptr<Collector>>(std::make_unique<ThrowingCollector>());
}

}  // namespace acronis
