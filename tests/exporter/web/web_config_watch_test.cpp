#include "exporter/web/web_config_watch.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exporter/config/web_files.h"
#include "tests/exporter/web/handshake.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_logger.h"

namespace acronis::exporter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kTls = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n";
const std::string kUser = "basic_auth_users: {alice: " + std::string(test::kHash) + "}\n";

class WebConfigWatchTest : public ::testing::Test {
 protected:
  std::unique_ptr<WebConfigWatch> Open(const std::string& text) {
    auto watch = WebConfigWatch::Open(files_.Write("web.yml", text), clock_, log_);
    EXPECT_TRUE(watch) << watch.error().message;
    return std::move(*watch);
  }
  /// What a client sees of the server that holds now.
  static test::Handshake Shake(WebConfigWatch& watch, const test::ClientSide& side = {}) {
    const auto access = watch.Current();
    EXPECT_TRUE(access) << access.error().message;
    return access && (*access)->tls ? test::ShakeHands(*(*access)->tls, side) : test::Handshake{};
  }
  static Verdict Check(WebConfigWatch& watch, const std::string& user) {
    const auto access = watch.Current();
    EXPECT_TRUE(access) << access.error().message;
    return (*access)->passwords.Check({.user = user, .password = Secret("secret")});
  }

  test::WebFiles files_;
  SystemClock clock_;
  fakes::RecordingLogger log_;
};

TEST_F(WebConfigWatchTest, DoesNotOpenWhatIsBroken) {
  const auto watch = WebConfigWatch::Open(files_.Write("web.yml", "rubbish"), clock_, log_);
  ASSERT_FALSE(watch);
  EXPECT_THAT(watch.error().message, HasSubstr("web.yml:1: "));
  EXPECT_THAT(log_.Texts(), IsEmpty()) << "the caller says it";
}

TEST_F(WebConfigWatchTest, HandsOutTheSameWhileNothingChanges) {
  const auto watch = Open(kTls + kUser);
  EXPECT_TRUE(watch->SpeaksTls());
  // Until the files are old enough for their times to tell a later change.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  auto first = watch->Current();
  for (auto next = watch->Current(); *first != *next; next = watch->Current()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    first = next;
  }
  EXPECT_EQ(*watch->Current(), *first);
  EXPECT_THAT(log_.Texts(), IsEmpty());
}

TEST_F(WebConfigWatchTest, ReadsAgainWhileAChangeCouldHideBehindACoarseClock) {
  const auto path = files_.Write("web.yml", kUser);
  test::FakeClock clock(test::FakeClock::OnSleep::kAdvance, clock_.Now());
  const auto watch = std::move(*WebConfigWatch::Open(path, clock, log_));
  const auto young = *watch->Current();
  EXPECT_NE(*watch->Current(), young);
  clock.Advance(std::chrono::seconds(1));
  const auto old = *watch->Current();
  EXPECT_EQ(*watch->Current(), old);
  EXPECT_THAT(log_.Texts(), IsEmpty());
}

TEST_F(WebConfigWatchTest, UsersChangeAtOnce) {
  const auto watch = Open(kUser);
  EXPECT_FALSE(watch->SpeaksTls());
  EXPECT_EQ(Check(*watch, "alice"), Verdict::kRight);
  files_.Write("web.yml", "basic_auth_users: {bobby: " + std::string(test::kHash) + "}\n");
  EXPECT_EQ(Check(*watch, "alice"), Verdict::kWrong);
  EXPECT_EQ(Check(*watch, "bobby"), Verdict::kRight);
  EXPECT_THAT(log_.Texts(), SizeIs(1));
  EXPECT_THAT(log_.Texts()[0], StartsWith("INFO web configuration has changed file="));
}

TEST_F(WebConfigWatchTest, NoticesEveryChangeHoweverQuick) {
  const auto watch = Open(kUser);
  for (int round = 0; round < 200; ++round) {
    const std::string user = "user" + std::to_string(100 + round);
    files_.Write("web.yml", "basic_auth_users: {" + user + ": " + test::kHash + "}\n");
    const auto access = watch->Current();
    ASSERT_TRUE(access) << access.error().message;
    ASSERT_TRUE((*access)->config.basic_auth_users.contains(user)) << round;
  }
}

TEST_F(WebConfigWatchTest, ANewCertificateHoldsFromTheNextHandshakeOn) {
  const auto watch = Open(kTls);
  EXPECT_EQ(Shake(*watch).certificate, files_.Read("server.pem"));
  const auto fresh = files_.Pki().Issue();
  files_.WritePair("server", fresh);
  EXPECT_EQ(Shake(*watch).certificate, fresh.certificate);
}

TEST_F(WebConfigWatchTest, ARenamedLinkIsAChange) {
  std::filesystem::create_symlink("server.pem", files_.Path() / "now.pem");
  const auto watch = Open("tls_server_config: {cert_file: now.pem, key_file: server.key}\n");
  EXPECT_TRUE(Shake(*watch).exchanged);
  std::filesystem::create_symlink("client.pem", files_.Path() / "next.pem");
  std::filesystem::rename(files_.Path() / "next.pem", files_.Path() / "now.pem");
  const auto broken = watch->Current();
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("is not the private key of the certificate"));
}

TEST_F(WebConfigWatchTest, OldConnectionsLiveOnWhileNothingNewIsAccepted) {
  const auto watch = Open(kTls);
  const auto old = *watch->Current();
  const std::string good = files_.Read("server.key");
  files_.Write("server.key", "torn");
  for (int again = 0; again < 3; ++again) {
    const auto broken = watch->Current();
    ASSERT_FALSE(broken);
    EXPECT_THAT(broken.error().message, HasSubstr("web.yml:1: tls_server_config.key_file: "));
  }
  EXPECT_TRUE(test::ShakeHands(*old->tls).exchanged);

  files_.Write("server.key", good);
  EXPECT_TRUE(Shake(*watch).exchanged);
  ASSERT_THAT(log_.Texts(), SizeIs(2));
  EXPECT_THAT(log_.Texts()[0], StartsWith("ERROR web configuration cannot be used file="));
  EXPECT_THAT(log_.Texts()[0], HasSubstr("there is no usable private key in it"));
  EXPECT_THAT(log_.Texts()[1], StartsWith("INFO web configuration can be used again file="));
}

TEST_F(WebConfigWatchTest, AMissingFileBreaksItAndItsReturnMendsIt) {
  const auto watch = Open(kUser);
  const auto path = files_.Path() / "web.yml";
  std::filesystem::rename(path, files_.Path() / "away");
  const auto broken = watch->Current();
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr("web.yml: there is no such file"));
  std::filesystem::rename(files_.Path() / "away", path);
  EXPECT_EQ(Check(*watch, "alice"), Verdict::kRight);
}

TEST_F(WebConfigWatchTest, ANewProblemIsLoggedAnew) {
  const auto watch = Open(kUser);
  files_.Write("web.yml", "basic_auth_users: {alice: x}\n");
  EXPECT_FALSE(watch->Current());
  EXPECT_FALSE(watch->Current());
  files_.Write("web.yml", "rate_limits: {}\n");
  EXPECT_FALSE(watch->Current());
  EXPECT_EQ(log_.Count("web configuration cannot be used"), 2U);
}

TEST_F(WebConfigWatchTest, TlsIsNotSwitchedWhileRunning) {
  const auto encrypted = Open(kTls + kUser);
  files_.Write("web.yml", kUser);
  const auto off = encrypted->Current();
  ASSERT_FALSE(off);
  EXPECT_THAT(off.error().message, HasSubstr("TLS was switched off: that takes a restart"));
  const auto plain = Open(kUser);
  files_.Write("web.yml", kTls + kUser);
  const auto on = plain->Current();
  ASSERT_FALSE(on);
  EXPECT_THAT(on.error().message, HasSubstr("TLS was switched on: that takes a restart"));
}

TEST_F(WebConfigWatchTest, AFileThatIsBeingWrittenOpensNothing) {
  const auto watch = Open(kUser);
  files_.Write("web.yml", "");
  const auto emptied = watch->Current();
  ASSERT_FALSE(emptied);
  EXPECT_THAT(emptied.error().message, HasSubstr("web.yml: has become empty"));
  files_.Write("web.yml", kUser);
  EXPECT_EQ(Check(*watch, "alice"), Verdict::kRight);
}

TEST_F(WebConfigWatchTest, AnEmptyFileMayStayEmptyOrBeFilled) {
  const auto watch = Open("");
  EXPECT_TRUE((*watch->Current())->passwords.Empty());
  files_.Write("web.yml", "\n");
  EXPECT_TRUE((*watch->Current())->passwords.Empty());
  files_.Write("web.yml", kUser);
  EXPECT_EQ(Check(*watch, "alice"), Verdict::kRight);
}

TEST_F(WebConfigWatchTest, TheRateLimitStaysThatOfTheStart) {
  const auto watch = Open("rate_limit: {interval: 1s, burst: 2}\n");
  files_.Write("web.yml", "rate_limit: {interval: 2s, burst: 9}\n");
  EXPECT_TRUE(watch->Current());
  EXPECT_EQ(watch->RateLimitAtStart(), (RateLimitOptions{std::chrono::seconds(1), 2}));
}

TEST_F(WebConfigWatchTest, ManyMayAskWhileItChanges) {
  const auto watch = Open(kTls + kUser);
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> askers;
    for (int thread = 0; thread < 4; ++thread) {
      askers.emplace_back([&] {
        while (!done) {
          const auto access = watch->Current();
          wrong += access && (*access)->tls == nullptr ? 1 : 0;
          std::this_thread::yield();
        }
      });
    }
    for (int round = 0; round < 50; ++round) {
      files_.Write("web.yml", round % 2 == 0 ? "rubbish" : kTls + kUser);
      EXPECT_EQ(static_cast<bool>(watch->Current()), round % 2 == 1);
    }
    done = true;
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace acronis::exporter
