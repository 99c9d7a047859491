#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/web/auth/bcrypt.h"
#include "exporter/web/auth/password_book.h"
#include "exporter/web/auth/password_checker.h"

namespace acronis::exporter {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::StartsWith;

// Cost 4; those of more than 72 bytes and of other tools are known answers.
constexpr const char* kHashOfSecret =
    "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
const std::string kTail = std::string(kHashOfSecret).substr(7);

struct Sample {
  std::string name;
  std::string password;
  std::string hash;
};
class BcryptSample : public ::testing::TestWithParam<Sample> {};

TEST_P(BcryptSample, IsKnown) {
  const Secret hash(GetParam().hash);
  EXPECT_TRUE(MatchesBcrypt(Secret(GetParam().password), hash));
  EXPECT_FALSE(MatchesBcrypt(Secret("x" + GetParam().password), hash));
  EXPECT_FALSE(MatchesBcrypt(Secret(), hash) && !GetParam().password.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Hashes, BcryptSample,
    ::testing::Values(
        Sample{"KindA", "secret", "$2a$04$" + kTail}, Sample{"KindB", "secret", "$2b$04$" + kTail},
        Sample{"KindY", "secret", "$2y$04$" + kTail},
        // From the test vectors of OpenBSD and of jBCrypt.
        Sample{"Empty", "", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."},
        Sample{"Letters", "abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"}),
    [](const auto& instance) { return instance.param.name; });

TEST(Bcrypt, LooksAtTheFirst72BytesOnly) {
  const std::string long_one(72, 'a');
  const Secret hash("$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe");
  EXPECT_TRUE(MatchesBcrypt(Secret(long_one), hash));
  EXPECT_TRUE(MatchesBcrypt(Secret(long_one + "b"), hash));
  EXPECT_TRUE(MatchesBcrypt(Secret(long_one + std::string(10'000, 'b')), hash));
  EXPECT_FALSE(MatchesBcrypt(Secret(long_one.substr(1)), hash));
}

TEST(Bcrypt, APasswordWithANulIsNotItsBeginning) {
  EXPECT_FALSE(MatchesBcrypt(Secret(std::string("secret\0", 7)), Secret(kHashOfSecret)));
  EXPECT_FALSE(MatchesBcrypt(Secret(std::string("secret\0x", 8)), Secret(kHashOfSecret)));
}

TEST(Bcrypt, ADummyIsCheckedLikeAnyHashAndIsNobodys) {
  const Secret dummy = DummyHashLike(Secret(kHashOfSecret));
  EXPECT_THAT(dummy.Reveal(), StartsWith("$2y$04$"));
  EXPECT_EQ(dummy.Reveal().size(), 60U);
  EXPECT_FALSE(MatchesBcrypt(Secret("secret"), dummy));
}

/// Counts bcrypts instead of doing them, and holds them up on demand. `secret` is the password of
/// every hash.
class FakeBcrypt {
 public:
  PasswordChecker::Bcrypt Function() {
    return [this](const Secret& password, const Secret& hash) { return Run(password, hash); };
  }

  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  void AwaitCalls(std::size_t calls) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::seconds(30), [&] { return hashes_.size() >= calls; }));
  }
  std::vector<std::string> Hashes() const {
    const std::lock_guard lock(mutex_);
    return hashes_;
  }
  std::size_t Calls() const { return Hashes().size(); }
  int MostAtOnce() const {
    const std::lock_guard lock(mutex_);
    return most_at_once_;
  }

 private:
  bool Run(const Secret& password, const Secret& hash) {
    std::unique_lock lock(mutex_);
    hashes_.push_back(hash.Reveal());
    most_at_once_ = std::max(most_at_once_, ++at_once_);
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    --at_once_;
    return password.Reveal() == "secret";
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  int at_once_ = 0;
  int most_at_once_ = 0;
  std::vector<std::string> hashes_;
};

class PasswordTest : public ::testing::Test {
 protected:
  PasswordBook Book(const std::vector<std::pair<std::string, std::string>>& users) const {
    PasswordBook::Users all;
    for (const auto& [user, hash] : users) {
      all.emplace(user, hash);
    }
    return {std::move(all), checker_};
  }
  static Credentials Of(const std::string& user, const std::string& password) {
    return {.user = user, .password = Secret(password)};
  }
  /// Returns once as many threads wait for their turn.
  void AwaitWaiting(std::size_t count) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (checker_->Waiting() != count) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }

  FakeBcrypt bcrypt_;
  std::shared_ptr<PasswordChecker> checker_ = std::make_shared<PasswordChecker>(bcrypt_.Function());
};

const std::string kCheap = "$2y$04$" + kTail;
const std::string kMiddle = "$2b$09$" + kTail;
const std::string kDear = "$2a$11$" + kTail;

TEST_F(PasswordTest, KnowsRightFromWrong) {
  const auto book = Book({{"alice", kCheap}});
  EXPECT_FALSE(book.Empty());
  EXPECT_EQ(book.Check(Of("alice", "secret")), Verdict::kRight);
  EXPECT_EQ(book.Check(Of("alice", "Secret")), Verdict::kWrong);
  EXPECT_EQ(book.Check(Of("alice", "")), Verdict::kWrong);
  EXPECT_TRUE(Book({}).Empty());
}

TEST_F(PasswordTest, IsWrongForWhoIsUnknownEvenIfTheDummyFits) {
  EXPECT_EQ(Book({{"alice", kCheap}}).Check(Of("mallory", "secret")), Verdict::kWrong);
}

TEST_F(PasswordTest, AnUnknownUserCostsWhatTheDearestOneDoes) {
  const auto book = Book({{"a", kCheap}, {"b", kDear}, {"c", kMiddle}});
  EXPECT_EQ(book.Check(Of("b", "wrong")), Verdict::kWrong);
  EXPECT_EQ(book.Check(Of("mallory", "wrong")), Verdict::kWrong);
  EXPECT_EQ(book.Check(Of("", "")), Verdict::kWrong);
  EXPECT_THAT(bcrypt_.Hashes(), Each(StartsWith("$2a$11$")));
  EXPECT_EQ(bcrypt_.Calls(), 3U) << "one bcrypt for each, known or not";
}

TEST_F(PasswordTest, RemembersRightAndWrong) {
  const auto book = Book({{"alice", kCheap}});
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(book.Check(Of("alice", "secret")), Verdict::kRight);
    EXPECT_EQ(book.Check(Of("alice", "wrong")), Verdict::kWrong);
    EXPECT_EQ(book.Check(Of("mallory", "wrong")), Verdict::kWrong);
  }
  EXPECT_EQ(bcrypt_.Calls(), 3U);
}

TEST_F(PasswordTest, ANewHashIsCheckedAnew) {
  EXPECT_EQ(Book({{"alice", kCheap}}).Check(Of("alice", "secret")), Verdict::kRight);
  EXPECT_EQ(Book({{"alice", kDear}}).Check(Of("alice", "secret")), Verdict::kRight);
  EXPECT_THAT(bcrypt_.Hashes(), ElementsAre(kCheap, kDear));
}

TEST_F(PasswordTest, DoesNotMixUpWhereAUserEnds) {
  const auto book = Book({{"a", kCheap}, {"ab", kCheap}});
  EXPECT_EQ(book.Check(Of("ab", "c")), Verdict::kWrong);
  EXPECT_EQ(book.Check(Of("a", "bc")), Verdict::kWrong);
  EXPECT_EQ(bcrypt_.Calls(), 2U);
}

TEST_F(PasswordTest, WrongOnesNeverPushRightOnesOut) {
  const auto book = Book({{"alice", kCheap}});
  EXPECT_EQ(book.Check(Of("alice", "secret")), Verdict::kRight);
  for (int guess = 0; guess < 1000; ++guess) {
    EXPECT_EQ(book.Check(Of("alice", std::to_string(guess))), Verdict::kWrong);
    ASSERT_LE(checker_->Remembered(), PasswordChecker::kMostRemembered);
  }
  const std::size_t calls = bcrypt_.Calls();
  EXPECT_EQ(book.Check(Of("alice", "secret")), Verdict::kRight);
  EXPECT_EQ(bcrypt_.Calls(), calls);
}

TEST_F(PasswordTest, RemembersNoMoreThanItMay) {
  PasswordBook::Users users;
  for (int user = 0; user < 250; ++user) {
    users.emplace(std::to_string(user), kCheap);
  }
  const PasswordBook book(std::move(users), checker_);
  for (int user = 0; user < 250; ++user) {
    EXPECT_EQ(book.Check(Of(std::to_string(user), "secret")), Verdict::kRight);
  }
  EXPECT_EQ(checker_->Remembered(), PasswordChecker::kMostRemembered);
  EXPECT_EQ(book.Check(Of("0", "wrong")), Verdict::kWrong);
  EXPECT_EQ(checker_->Remembered(), PasswordChecker::kMostRemembered);
}

TEST_F(PasswordTest, WhoIsRememberedDoesNotWait) {
  const auto book = Book({{"alice", kCheap}});
  EXPECT_EQ(book.Check(Of("alice", "secret")), Verdict::kRight);
  bcrypt_.Hold();
  auto flood = std::async(std::launch::async, [&] { return book.Check(Of("alice", "guess")); });
  bcrypt_.AwaitCalls(2);
  EXPECT_EQ(book.Check(Of("alice", "secret")), Verdict::kRight);
  bcrypt_.Release();
  EXPECT_EQ(flood.get(), Verdict::kWrong);
}

TEST_F(PasswordTest, OneBcryptAtATimeAndSoManyWaitingAtMost) {
  const auto book = Book({{"alice", kCheap}});
  bcrypt_.Hold();
  std::vector<std::future<Verdict>> verdicts;
  for (std::size_t guess = 0; guess <= PasswordChecker::kMostWaiting; ++guess) {
    verdicts.push_back(std::async(std::launch::async, [&book, guess] {
      return book.Check(Of("alice", std::to_string(guess)));
    }));
  }
  bcrypt_.AwaitCalls(1);
  AwaitWaiting(PasswordChecker::kMostWaiting);
  EXPECT_EQ(book.Check(Of("alice", "secret")), Verdict::kBusy);
  bcrypt_.Release();
  for (auto& verdict : verdicts) {
    EXPECT_EQ(verdict.get(), Verdict::kWrong);
  }
  EXPECT_EQ(bcrypt_.Calls(), PasswordChecker::kMostWaiting + 1);
  EXPECT_EQ(bcrypt_.MostAtOnce(), 1);
  EXPECT_EQ(checker_->Waiting(), 0U);
  EXPECT_EQ(book.Check(Of("alice", "secret")), Verdict::kRight);
}

TEST_F(PasswordTest, TheSameQuestionAtTheSameTimeIsAskedOnce) {
  const auto book = Book({{"alice", kCheap}});
  bcrypt_.Hold();
  std::vector<std::future<Verdict>> verdicts;
  for (int scraper = 0; scraper < 8; ++scraper) {
    verdicts.push_back(
        std::async(std::launch::async, [&] { return book.Check(Of("alice", "secret")); }));
  }
  AwaitWaiting(7);
  bcrypt_.Release();
  for (auto& verdict : verdicts) {
    EXPECT_EQ(verdict.get(), Verdict::kRight);
  }
  EXPECT_EQ(bcrypt_.Calls(), 1U);
}

TEST(PasswordChecker, AFailingBcryptEndsItsTurn) {
  std::atomic<bool> fails = true;
  PasswordChecker checker([&](const Secret&, const Secret&) {
    if (fails.exchange(false)) {
      throw std::bad_alloc();
    }
    return true;
  });
  EXPECT_THROW(checker.Check("alice", Secret("a"), Secret(kHashOfSecret)), std::bad_alloc);
  EXPECT_EQ(checker.Check("alice", Secret("a"), Secret(kHashOfSecret)), Verdict::kRight);
}

TEST(PasswordBook, ChecksRealHashes) {
  PasswordBook::Users users;
  users.emplace("alice", kHashOfSecret);
  const PasswordBook book(std::move(users), std::make_shared<PasswordChecker>(MatchesBcrypt));
  EXPECT_EQ(book.Check({.user = "alice", .password = Secret("secret")}), Verdict::kRight);
  EXPECT_EQ(book.Check({.user = "alice", .password = Secret("Secret")}), Verdict::kWrong);
  EXPECT_EQ(book.Check({.user = "bob", .password = Secret("secret")}), Verdict::kWrong);
}

}  // namespace
}  // namespace acronis::exporter
