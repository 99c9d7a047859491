/// A reload while the collector polls the simulated service over real sockets.

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/contract/collector_fixture.h"

namespace acronis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kReloaded = "configuration reloaded";

class ReloadTest : public CollectorFixture {
 protected:
  /// Polls, and has caught up.
  void Begin() {
    Add("backup", "error");
    Open();
    collector_->Start();
    ASSERT_TRUE(Await([this] { return Account().up && Errors("backup") == 1; }));
  }

  /// Empty when it was taken over.
  std::string Reload() {
    const Status reloaded = collector_->Reload(options_);
    return reloaded ? "" : reloaded.error().message;
  }

  /// No counts when the account is not there.
  AccountView View(const std::string& name) const {
    const auto snapshot = collector_->TakeSnapshot();
    for (const AccountView& view : snapshot->accounts) {
      if (view.counts->account == name) {
        return view;
      }
    }
    return {};
  }

  std::uint64_t Counted(const std::string& name) const {
    const AccountView view = View(name);
    return view.counts ? view.counts->books.counted : 0;
  }

  /// Of an account that polls: waits until it has.
  bool AwaitPolls(const std::string& name) {
    const auto before = View(name).counts->books.received;
    return Await([&] { return View(name).counts->books.received > before; });
  }

  std::string LastReload() const {
    std::string last;
    for (const std::string& line : log_.Texts()) {
      last = line.find(kReloaded) == std::string::npos ? last : line;
    }
    return last;
  }
};

TEST_F(ReloadTest, TakesANewAccountIn) {
  Begin();
  options_.accounts.insert(options_.accounts.begin(), NewAccount("apac"));
  ASSERT_EQ(Reload(), "");
  EXPECT_EQ(collector_->TakeSnapshot()->accounts.at(0).counts->account, "apac");
  EXPECT_TRUE(View("emea").up) << "it was not disturbed";
  EXPECT_TRUE(Await([this] { return Counted("apac") == 1 && View("apac").up; }));
  EXPECT_EQ(LastReload(),
            "INFO configuration reloaded accounts=2 added=1 changed=0 removed=0 "
            "names=+apac");
}

TEST_F(ReloadTest, DoesNotPollAnAccountAnewThatDidNotChange) {
  options_.accounts[0].poll.interval = hours(1);
  Begin();
  const auto before = View("emea");
  options_.accounts.push_back(NewAccount("apac"));
  ASSERT_EQ(Reload(), "");
  ASSERT_TRUE(Await([this] { return View("apac").up; }));
  ASSERT_EQ(Reload(), "") << "also without any change";
  ASSERT_TRUE(AwaitPolls("apac"));
  const auto after = View("emea");
  EXPECT_EQ(after.counts, before.counts);
  EXPECT_EQ(after.in_flight, before.in_flight) << "the listing of the poll before the reload";
  EXPECT_TRUE(after.up);
}

TEST_F(ReloadTest, BeginsAChangedAccountAtOnceWhereItWas) {
  options_.accounts[0].poll.interval = hours(1);
  Begin();
  Add("backup", "error");
  options_.accounts[0].poll.interval = hours(2);
  ASSERT_EQ(Reload(), "");
  EXPECT_TRUE(View("emea").up) << "the last poll was good";
  EXPECT_TRUE(Await([this] { return Errors("backup") == 2; }));
  EXPECT_NE(LastReload().find("added=0 changed=1 removed=0 names=~emea"), std::string::npos)
      << LastReload();
}

TEST_F(ReloadTest, TakesOverASecret) {
  options_.accounts[0].client_secret = Secret("not-the-s3cret");
  Open();
  collector_->Start();
  options_.accounts[0].client_secret = Secret("s3cret");
  Add("backup", "error");
  ASSERT_EQ(Reload(), "");
  EXPECT_TRUE(Await([this] { return View("emea").up && Errors("backup") == 1; }));
}

TEST_F(ReloadTest, ReadsASecretFileThatAppearsWithTheReload) {
  Begin();
  AccountOptions apac = NewAccount("apac");
  apac.client_secret = Secret();
  apac.client_secret_file = folder_.Path() / "secret";
  std::ofstream(apac.client_secret_file) << "s3cret\n";
  options_.accounts.push_back(apac);
  ASSERT_EQ(Reload(), "");
  EXPECT_TRUE(Await([this] { return View("apac").up; }));
}

TEST_F(ReloadTest, LetsAnAccountGoAndReturnWithItsCounts) {
  options_.accounts.push_back(NewAccount("apac"));
  Begin();
  ASSERT_TRUE(Await([this] { return Counted("apac") == 1; }));
  const AccountOptions apac = options_.accounts.back();
  options_.accounts.pop_back();
  ASSERT_EQ(Reload(), "");
  EXPECT_EQ(View("apac").counts, nullptr);
  EXPECT_NE(LastReload().find("removed=1 names=-apac"), std::string::npos) << LastReload();
  Add("backup", "error");
  ASSERT_TRUE(Await([this] { return Counted("emea") == 2; }));

  options_.accounts.push_back(apac);
  ASSERT_EQ(Reload(), "");
  EXPECT_GE(Counted("apac"), 1U);
  ASSERT_TRUE(Await([this] { return Counted("apac") == 2; })) << "what completed meanwhile, once";
  ASSERT_TRUE(AwaitPolls("apac"));
  EXPECT_EQ(Counted("apac"), 2U);
}

TEST_F(ReloadTest, ChangesAnAccountInTheMiddleOfAStalledReply) {
  Begin();
  ASSERT_TRUE(simulator_.Faults().Set({.name = "hang", .path = "any"}));
  options_.accounts[0].poll.interval = milliseconds(30);
  const MonotonicTime begin = clock_.Monotonic();
  ASSERT_EQ(Reload(), "");
  EXPECT_LT(clock_.Monotonic() - begin, seconds(20)) << "the request would take five minutes";
  EXPECT_EQ(Errors("backup"), 1);
}

TEST_F(ReloadTest, WorksWithoutThreads) {
  Add("backup", "error");
  Open();
  ASSERT_TRUE(collector_->PollOnce());
  const auto before = collector_->TakeSnapshot()->generation;
  options_.accounts.push_back(NewAccount("apac"));
  ASSERT_EQ(Reload(), "");
  EXPECT_GT(collector_->TakeSnapshot()->generation, before);
  ASSERT_TRUE(collector_->PollOnce());
  EXPECT_EQ(Counted("apac"), 1U);
}

TEST_F(ReloadTest, IsRefusedAfterTheStop) {
  Begin();
  collector_->Stop();
  EXPECT_NE(Reload().find("stopping"), std::string::npos);
  EXPECT_EQ(Errors("backup"), 1);
}

/// While it lives, no file can grow: as a full disk.
class FullDisk {
 public:
  FullDisk() {
    before_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit none{1, limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }

 private:
  void (*before_)(int) = nullptr;
  rlimit limit_{};
};

TEST_F(ReloadTest, PollsOnAsBeforeWhenTheDiskFailsInTheMiddle) {
  options_.accounts[0].poll.interval = seconds(3);  // None but the reload commits meanwhile.
  Begin();
  const CollectorOptions before = options_;
  options_.accounts[0].poll.page_size = 7;
  options_.accounts.push_back(NewAccount("apac"));
  {
    const FullDisk full;
    EXPECT_NE(Reload().find("cannot be written"), std::string::npos);
  }
  EXPECT_EQ(collector_->TakeSnapshot()->accounts.size(), 1U);
  EXPECT_EQ(log_.Count(kReloaded), 0U);
  Add("backup", "error");
  EXPECT_TRUE(Await([this] { return Errors("backup") == 2; }));
  options_ = before;
  ASSERT_EQ(Reload(), "");
  EXPECT_NE(LastReload().find("changed=0"), std::string::npos) << "the options of before";
}

TEST_F(ReloadTest, IsRefusedWithoutAStore) {
  Begin();
  collector_->CloseStore();
  options_.accounts[0].poll.interval = milliseconds(30);
  options_.accounts.push_back(NewAccount("apac"));
  EXPECT_NE(Reload().find("the store is closed"), std::string::npos);
  EXPECT_EQ(collector_->TakeSnapshot()->accounts.size(), 1U);
  EXPECT_EQ(log_.Count(kReloaded), 0U);
}

TEST_F(ReloadTest, BoundsTheNamesInItsLogLine) {
  Begin();
  for (int number = 10; number < 25; ++number) {
    options_.accounts.push_back(NewAccount("a" + std::to_string(number)));
  }
  ASSERT_EQ(Reload(), "");
  EXPECT_NE(LastReload().find("added=15 changed=0 removed=0 names=+a10 +a11"), std::string::npos);
  EXPECT_NE(LastReload().find("+a19 ..."), std::string::npos) << LastReload();
}

struct Refusal {
  std::string name;
  std::function<void(CollectorOptions&)> change;
  std::string says;
};

class ReloadRefusals : public ReloadTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(ReloadRefusals, LeaveEverythingAsItWas) {
  Begin();
  const CollectorOptions before = options_;
  options_.accounts.push_back(NewAccount("apac"));
  GetParam().change(options_);
  const std::string refused = Reload();
  EXPECT_NE(refused.find(GetParam().says), std::string::npos) << refused;
  ASSERT_EQ(collector_->TakeSnapshot()->accounts.size(), 1U);
  EXPECT_TRUE(Account().up);
  EXPECT_EQ(Errors("backup"), 1);
  EXPECT_EQ(log_.Count(kReloaded), 0U);
  EXPECT_TRUE(AwaitPolls("emea")) << "polling goes on";
  options_ = before;
  EXPECT_EQ(Reload(), "");
}

INSTANTIATE_TEST_SUITE_P(
    Of, ReloadRefusals,
    ::testing::Values(
        Refusal{"NoAccount", [](CollectorOptions& options) { options.accounts.clear(); },
                "accounts: "},
        Refusal{"ANameTwice", [](CollectorOptions& options) { options.accounts[1].name = "emea"; },
                "accounts[1].name"},
        Refusal{"ABadOption",
                [](CollectorOptions& options) { options.accounts[1].poll.overlap = seconds(1); },
                "account apac: poll.overlap"},
        Refusal{"ACaFileThatIsMissing",
                [](CollectorOptions& options) {
                  options.accounts[1].base_url = "https://127.0.0.1:9";
                  options.accounts[1].ca_file = "/not/there.pem";
                },
                "account apac: ca_file"},
        Refusal{
            "AnotherService",
            [](CollectorOptions& options) { options.accounts[0].base_url = "http://127.0.0.1:9"; },
            "account 'emea' stands for another base_url"},
        Refusal{"AnotherTenant",
                [](CollectorOptions& options) {
                  options.accounts[0].tenant = "9c4e0f4c-3d4c-4f5e-9a4b-111111111111";
                },
                "account 'emea' stands for another tenant"},
        Refusal{"AnotherStore", [](CollectorOptions& options) { options.store.path += ".other"; },
                "store.path: "},
        Refusal{"AnotherGuard",
                [](CollectorOptions& options) {
                  options.store.guard_path = options.store.path.string() + ".guard";
                },
                "store.guard_path: "},
        Refusal{"AnotherHold",
                [](CollectorOptions& options) { options.metrics.series_hold = seconds(9); },
                "metrics.series_hold: '9000ms' needs a restart"},
        Refusal{"AnotherLimit", [](CollectorOptions& options) { options.metrics.series_limit = 7; },
                "metrics.series_limit: '7' needs a restart"},
        Refusal{"OtherDurations",
                [](CollectorOptions& options) {
                  options.metrics.duration_buckets = {1, 2.5};
                },
                "metrics.duration_buckets: '[1, 2.5]' needs a restart"},
        Refusal{"OtherWaits",
                [](CollectorOptions& options) { options.metrics.queue_wait_buckets = {1}; },
                "metrics.queue_wait_buckets: '[1]' needs a restart"}),
    [](const auto& instance) { return instance.param.name; });

/// Reloads while accounts poll and scrapes look: every picture is one of before or of after.
TEST_F(ReloadTest, ShowsNoMixtureWhileScrapesLook) {
  constexpr int kReloads = 25;
  options_.metrics.series_hold = {};
  Begin();
  std::jthread scrapes([this](const std::stop_token& stop) {
    std::uint64_t received = 0;
    std::uint64_t generation = 0;
    while (!stop.stop_requested()) {
      const auto snapshot = collector_->TakeSnapshot();
      EXPECT_GE(snapshot->generation, generation);
      generation = snapshot->generation;
      ASSERT_GE(snapshot->accounts.size(), 1U);
      const AccountView& emea = snapshot->accounts.back();
      ASSERT_EQ(emea.counts->account, "emea");
      EXPECT_TRUE(emea.up) << "none of its polls failed";
      EXPECT_NE(emea.in_flight, nullptr);
      EXPECT_GE(emea.counts->books.received, received);
      received = emea.counts->books.received;
      collector_->NoteServed(*snapshot);
    }
  });
  for (int reload = 0; reload < kReloads; ++reload) {
    Add("backup", "error");
    options_.accounts.back().poll.interval = milliseconds(reload % 3 == 0 ? 10 : 20);
    if (options_.accounts.size() == 1) {
      options_.accounts.insert(options_.accounts.begin(), NewAccount("apac"));
    } else {
      options_.accounts.erase(options_.accounts.begin());
    }
    ASSERT_EQ(Reload(), "");
  }
  EXPECT_TRUE(Await([this] { return Counted("emea") == kReloads + 1U; }));
  EXPECT_TRUE(Await([this] { return Counted("apac") == kReloads + 1U; }));
  scrapes = {};
  EXPECT_EQ(Counted("emea"), kReloads + 1U);
}

}  // namespace
}  // namespace acronis
