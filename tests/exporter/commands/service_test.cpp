#include "exporter/commands/service.h"

#include <chrono>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "plugin/simulator/simulator.h"
#include "plugin/simulator/simulator_server.h"
#include "tests/exporter/web/http_client.h"
#include "tests/fakes/temporary_folder.h"

namespace acronis::exporter {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() : descriptor_(open("/dev/null", O_WRONLY | O_CLOEXEC)) {
    options_.accounts.push_back(NewAccount("emea"));
    options_.metrics.series_hold = {};
    options_.store.path = folder_.Path() / "ledger.db";
    for (const char* const code : {"ok", "error"}) {
      simulator_.AddTask(
          {.queue = "backup", .result_code = code, .completed_at = clock_.Now() - seconds(10)});
    }
  }
  ServiceTest(const ServiceTest&) = delete;
  ServiceTest& operator=(const ServiceTest&) = delete;
  ~ServiceTest() override {
    service_.reset();
    close(descriptor_);
  }

  AccountOptions NewAccount(const std::string& name) const {
    AccountOptions account;
    account.name = name;
    account.base_url = server_.BaseUrl();
    account.client_id = "client";
    account.client_secret = Secret("s3cret");
    account.poll.interval = milliseconds(20);
    account.poll.max_requests_per_minute = 60'000;
    return account;
  }

  void Start(Engine::Load load = {}) {
    service_ = std::make_unique<Service>(
        ServiceOptions{.web = {.listen_addresses = {"127.0.0.1:0"}}, .load = std::move(load)},
        options_, clock_, log_);
    service_->Start();
  }

  std::string Scrape() const {
    const std::string address = service_->Addresses().front();
    const auto port = std::stoul(address.substr(address.rfind(':') + 1));
    return Ask(static_cast<std::uint16_t>(port), "/metrics").body;
  }

  bool Shows(const std::string& text) const { return Scrape().find(text) != std::string::npos; }

  bool Await(const std::function<bool()>& condition) {
    const MonotonicTime deadline = clock_.Monotonic() + seconds(30);
    while (!condition() && clock_.Monotonic() < deadline) {
      clock_.SleepFor(milliseconds(5), {});
    }
    return condition();
  }

  SystemClock clock_;
  int descriptor_;
  StreamLogger log_{descriptor_, {}, clock_};
  simulator::Simulator simulator_{
      {.rate = 0, .client_id = "client", .client_secret = Secret("s3cret")}, clock_};
  simulator::SimulatorServer server_{simulator_, {.tls = false}};
  test::TemporaryFolder folder_;
  CollectorOptions options_;
  std::unique_ptr<Service> service_;
};

TEST_F(ServiceTest, ShowsEverythingOfAnAccountThatAReloadBrings) {
  Start();
  EXPECT_FALSE(Shows("apac"));
  options_.accounts.push_back(NewAccount("apac"));
  ASSERT_TRUE(service_->Core().Reload(options_));
  EXPECT_TRUE(Shows(R"(acronis_up{account="apac"})"));
  EXPECT_TRUE(Shows(R"(acronis_exporter_polls_total{account="apac",result="error"} 0)"));
  EXPECT_TRUE(Await([this] { return Shows(R"(acronis_up{account="apac"} 1)"); }));
  EXPECT_FALSE(Shows(R"(acronis_exporter_polls_total{account="apac",result="success"} 0)"))
      << "its first poll is counted";
}

TEST_F(ServiceTest, ShowsNothingOfAnAccountThatAReloadTakesAway) {
  options_.accounts.push_back(NewAccount("apac"));
  Start();
  EXPECT_TRUE(Shows("apac"));
  options_.accounts.pop_back();
  ASSERT_TRUE(service_->Core().Reload(options_));
  EXPECT_FALSE(Shows("apac"));
}

TEST_F(ServiceTest, ShowsNothingOfAReloadThatIsRefused) {
  Start();
  options_.accounts.push_back(NewAccount("apac"));
  options_.metrics.success_codes = {"error"};
  options_.store.path = folder_.Path() / "another.db";
  const Status refused = service_->Core().Reload(options_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("store.path"), std::string::npos);
  EXPECT_FALSE(Shows("apac"));
}

TEST_F(ServiceTest, GoesOnWhenTheSystemRefusesAReload) {
  Start([]() -> Result<CollectorOptions> { throw std::runtime_error("no thread to spare"); });
  const Status refused = service_->Core().Reload();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "no thread to spare");
  EXPECT_TRUE(Shows("acronis_exporter_config_last_reload_successful 0"));
}

TEST_F(ServiceTest, TakesOverSuccessCodes) {
  const std::string series =
      R"(acronis_tasks_last_success_timestamp_seconds{account="emea",queue="backup"})";
  Start();
  EXPECT_TRUE(Await([&] { return Shows(series); }));
  options_.metrics.success_codes = {"cancelled"};
  ASSERT_TRUE(service_->Core().Reload(options_));
  EXPECT_FALSE(Shows(series));
}

}  // namespace
}  // namespace acronis::exporter
