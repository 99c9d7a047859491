#include "tests/exporter/exposition/populated_page.h"

#include <chrono>

#include "exporter/exposition/page.h"
#include "exporter/instruments/instruments.h"
#include "tests/fakes/fake_collector.h"
#include "tests/fakes/sample_snapshot.h"

namespace acronis::exporter {

std::string PopulatedPage() {
  using std::chrono::seconds;
  Instruments instruments(
      {.accounts = {"emea", "apac"},
       .build = {.version = "0.0.0", .revision = "unknown", .compiler = "none"}});
  instruments.RequestDone("emea", Endpoint::kTasks, 503, seconds(1), 100);
  instruments.RequestDone("emea", Endpoint::kTasks, 200, seconds(1), 100);
  instruments.RequestDone("emea", Endpoint::kToken, 200, seconds(1), 100);
  instruments.TokenRefreshed("emea", true, fakes::AtSecond(1'790'003'600));
  instruments.ClockSkew("emea", std::chrono::milliseconds(-250));
  instruments.PollDone("emea", std::nullopt, seconds(2), fakes::AtSecond(1'790'000'210));
  instruments.TaskArrived("emea", seconds(30));
  instruments.ConfigReloaded(true, fakes::AtSecond(1'790'000'001));
  instruments.StoreCommitted(std::chrono::microseconds(700));

  const fakes::FakeCollector collector(fakes::SampleSnapshot());
  return MetricsPage(collector, instruments, {}).Render().body.Join();
}

}  // namespace acronis::exporter
