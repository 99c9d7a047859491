#include "exporter/commands/store.h"

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gtest/gtest.h>

#include "plugin/collector.h"
#include "plugin/simulator/simulator.h"
#include "plugin/simulator/simulator_server.h"
#include "tests/fakes/recording_logger.h"
#include "tests/fakes/temporary_folder.h"

namespace acronis::exporter {
namespace {

using std::chrono::seconds;

/// A store that a real collector has filled from a simulated service.
class StoreCommand : public ::testing::Test {
 protected:
  StoreCommand() {
    AccountOptions account;
    account.name = "emea";
    account.base_url = server_.BaseUrl();
    account.client_id = "client";
    account.client_secret = Secret("s3cret");
    options_.accounts.push_back(std::move(account));
    options_.store.path = folder_.Path() / "ledger.db";
    options_.store.guard_directory = folder_.Path();
    for (const char* const code : {"ok", "ok", "error"}) {
      simulator_.AddTask(
          {.queue = "backup", .result_code = code, .completed_at = clock_.Now() - seconds(10)});
    }
  }

  std::unique_ptr<Collector> Open() {
    auto opened =
        Collector::Open(options_, {.clock = clock_, .log = log_, .telemetry = telemetry_});
    if (!opened) {
      error_ = opened.error().message;
      return nullptr;
    }
    if (const Status store = (*opened)->OpenStore(); !store) {
      error_ = store.error().message;
      return nullptr;
    }
    return std::move(opened).value();
  }

  void Fill() {
    const auto collector = Open();
    ASSERT_NE(collector, nullptr) << error_;
    ASSERT_TRUE(collector->PollOnce());
    collector->NoteServed(*collector->TakeSnapshot());
  }

  int Run(StoreAction action, const std::string& account = "") {
    out_.str("");
    err_.str("");
    return RunStore({.action = action, .account = account}, options_.store, options_.accounts,
                    {out_, err_});
  }

  SystemClock clock_;
  fakes::RecordingLogger log_;
  Telemetry telemetry_;
  simulator::Simulator simulator_{
      {.rate = 0, .client_id = "client", .client_secret = Secret("s3cret")}, clock_};
  simulator::SimulatorServer server_{simulator_, {.tls = false}};
  test::TemporaryFolder folder_;
  CollectorOptions options_;
  std::string error_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(StoreCommand, ChecksAGoodStore) {
  Fill();
  EXPECT_EQ(Run(StoreAction::kCheck), kExitOk) << err_.str();
  EXPECT_NE(out_.str().find("the store is good"), std::string::npos);
}

TEST_F(StoreCommand, ShowsWhatIsInIt) {
  Fill();
  EXPECT_EQ(Run(StoreAction::kStats), kExitOk);
  for (const char* const words : {"account    emea", "counted    3 of 3 records", "ids        3",
                                  "baseline   complete", "queues     1 "}) {
    EXPECT_NE(out_.str().find(words), std::string::npos) << words << " in\n" << out_.str();
  }
}

TEST_F(StoreCommand, ExportsAllThatIsCounted) {
  Fill();
  ASSERT_EQ(Run(StoreAction::kExport), kExitOk);
  const auto root = Poco::JSON::Parser().parse(out_.str()).extract<Poco::JSON::Object::Ptr>();
  const auto account = root->getArray("accounts")->getObject(0);
  EXPECT_EQ(account->getValue<std::string>("account"), "emea");
  EXPECT_EQ(account->getValue<int>("ids"), 3);
  EXPECT_EQ(account->getObject("books")->getValue<int>("counted"), 3);
  const auto queue = account->getArray("queues")->getObject(0);
  EXPECT_EQ(queue->getValue<std::string>("queue"), "backup");
  EXPECT_EQ(queue->getObject("completed")->getValue<int>("ok"), 2);
  EXPECT_EQ(queue->getObject("completed")->getValue<int>("error"), 1);
  EXPECT_TRUE(queue->getObject("last_completion")->isNull("warning"));
}

TEST_F(StoreCommand, IsRefusedWhileAProcessHasTheStore) {
  const auto collector = Open();
  ASSERT_NE(collector, nullptr);
  for (const StoreAction action : {StoreAction::kCheck, StoreAction::kStats, StoreAction::kExport,
                                   StoreAction::kNewEpoch, StoreAction::kAcceptAccount}) {
    EXPECT_EQ(Run(action, "emea"), kExitFailure);
    EXPECT_NE(err_.str().find("is in use by process"), std::string::npos) << err_.str();
  }
}

TEST_F(StoreCommand, KnowsAStoreByWhateverName) {
  const auto collector = Open();
  ASSERT_NE(collector, nullptr);
  const auto link = folder_.Path() / "another-name.db";
  std::filesystem::create_symlink(options_.store.path, link);
  options_.store.path = link;
  EXPECT_EQ(Run(StoreAction::kCheck), kExitFailure);
  EXPECT_NE(err_.str().find("is in use by process"), std::string::npos) << err_.str();
  EXPECT_EQ(Open(), nullptr);
  EXPECT_NE(error_.find("is in use by process"), std::string::npos) << error_;
}

TEST_F(StoreCommand, MakesNothingThatDoesNotExist) {
  EXPECT_EQ(Run(StoreAction::kNewEpoch), kExitFailure);
  EXPECT_NE(err_.str().find("it does not exist"), std::string::npos) << err_.str();
  EXPECT_TRUE(std::filesystem::is_empty(folder_.Path()));
}

TEST_F(StoreCommand, BeginsANewEpochForAStoreThatWasPutBack) {
  Fill();
  const auto backup = folder_.Path() / "backup";
  std::filesystem::copy_file(options_.store.path, backup);
  simulator_.AddTask(
      {.queue = "backup", .result_code = "ok", .completed_at = clock_.Now() - seconds(5)});
  Fill();
  std::filesystem::copy_file(backup, options_.store.path,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(Open(), nullptr);
  EXPECT_NE(error_.find("store new-epoch"), std::string::npos) << error_;
  EXPECT_EQ(Run(StoreAction::kCheck), kExitFailure) << "check minds the guard";
  EXPECT_EQ(Run(StoreAction::kStats), kExitOk) << "a look is allowed";

  ASSERT_EQ(Run(StoreAction::kNewEpoch), kExitOk) << err_.str();
  const auto collector = Open();
  ASSERT_NE(collector, nullptr) << error_;
  const auto snapshot = collector->TakeSnapshot();
  EXPECT_NE(out_.str().find(snapshot->store.id), std::string::npos) << out_.str();
  EXPECT_EQ(snapshot->accounts.at(0).counts->books.received, 0U);
  EXPECT_TRUE(collector->PollOnce());
  EXPECT_EQ(collector->TakeSnapshot()->accounts.at(0).counts->books.counted, 4U);
}

TEST_F(StoreCommand, LetsAnAccountMove) {
  Fill();
  simulator::SimulatorServer elsewhere(simulator_, {.tls = false});
  options_.accounts[0].base_url = elsewhere.BaseUrl();
  EXPECT_EQ(Open(), nullptr);
  EXPECT_NE(error_.find("store accept-account emea"), std::string::npos) << error_;
  EXPECT_EQ(Run(StoreAction::kAcceptAccount, "nobody"), kExitFailure);
  ASSERT_EQ(Run(StoreAction::kAcceptAccount, "emea"), kExitOk) << err_.str();
  const auto collector = Open();
  ASSERT_NE(collector, nullptr) << error_;
  EXPECT_EQ(collector->TakeSnapshot()->accounts.at(0).counts->books.counted, 3U);
}

}  // namespace
}  // namespace acronis::exporter
