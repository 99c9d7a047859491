#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/api/basic_auth.h"
#include "plugin/api/page_decoder.h"
#include "plugin/api/token_reply.h"
#include "plugin/core/utf8.h"
#include "plugin/simulator/simulator.h"
#include "tests/decoding/page_mutator.h"
#include "tests/decoding/reference_page.h"
#include "tests/fakes/fake_clock.h"

namespace acronis::decoding {
namespace {

using api::PageUse;

constexpr int kPages = 20'000;

/// Small pages of every level of detail, and the example of the API's guide.
std::vector<std::string> SoundPages(std::uint64_t seed) {
  test::FakeClock clock;
  simulator::Simulator simulator(
      {.seed = seed, .history = std::chrono::minutes(20), .client_secret = Secret("s")}, clock);
  const auto token =
      simulator.Handle({"POST",
                        "/api/2/idp/token",
                        {{"Authorization", api::BasicAuthorization("simulated-client:s")},
                         {"Content-Type", "application/x-www-form-urlencoded"}},
                        "grant_type=client_credentials"});
  const auto read = api::ParseTokenReply(token.body, clock.Now(), std::nullopt);
  EXPECT_TRUE(read) << token.body;
  std::vector<std::string> pages;
  for (const std::string query : {"lod=tiny&limit=5", "lod=short&limit=3", "lod=long&limit=2",
                                  "lod=full&limit=1", "state=completed&lod=long&limit=3"}) {
    pages.push_back(simulator
                        .Handle({"GET",
                                 "/api/task_manager/v2/tasks?" + query,
                                 {{"Authorization", "Bearer " + read->token.Reveal()}},
                                 ""})
                        .body);
    EXPECT_TRUE(ReadReference(pages.back(), PageUse::kInFlight)) << pages.back();
  }
  std::ifstream golden(std::string(ACRONIS_TEST_DATA) + "/golden_reply.json");
  pages.emplace_back(std::istreambuf_iterator<char>(golden), std::istreambuf_iterator<char>());
  return pages;
}

struct Tally {
  int accepted = 0;
  int repaired = 0;
  int with_records = 0;
};

/// The only sound pages that may be refused: numbers beyond 64 bits, and what cannot be repaired.
bool MayRefuse(const std::string& why) {
  for (const std::string reason :
       {"number", "Big integer", "it is not UTF-8", "the cursor is not valid UTF-8"}) {
    if (why.find(reason) != std::string::npos) {
      return true;
    }
  }
  return false;
}

/// What the decoder accepts must be JSON, once its encoding is repaired, and say the same to the
/// reference.
void Compare(const std::string& body, PageUse use, api::PageDecoder& decoder, Tally& tally) {
  const auto page = decoder.Decode(body, use);
  const auto repaired = RepairUtf8(body, body.size());
  if (!page) {
    const bool sound = IsJson(repaired->text) && ReadReference(repaired->text, use);
    ASSERT_TRUE(!sound || MayRefuse(page.error().message)) << page.error().message;
    return;
  }
  ASSERT_EQ(page->repaired, repaired->replacements);
  ASSERT_TRUE(IsJson(repaired->text)) << "is no JSON, but was accepted";
  const auto reference = ReadReference(repaired->text, use);
  ASSERT_TRUE(reference) << "must be refused, but was accepted";
  ASSERT_EQ(ShapeOf(*page), *reference);
  ++tally.accepted;
  tally.repaired += page->repaired > 0 ? 1 : 0;
  tally.with_records += page->tasks.empty() ? 0 : 1;
}

TEST(DamagedPages, AreNeverReadOtherwiseThanByAStrictParser) {
  const std::uint64_t seed = property::BaseSeed();
  std::printf("TEST_SEED=%llu, %d pages\n", static_cast<unsigned long long>(seed), kPages);
  property::Dice dice(seed);
  const auto pages = SoundPages(seed);
  PageMutator mutator(pages, dice);
  api::PageDecoder decoder;
  Tally tally;
  for (int number = 0; number < kPages && !::testing::Test::HasFailure(); ++number) {
    const std::string body = mutator.Next();
    SCOPED_TRACE("TEST_SEED=" + std::to_string(seed) + ", page " + std::to_string(number) + ": " +
                 ::testing::PrintToString(body));
    Compare(body, number % 2 == 0 ? PageUse::kCounting : PageUse::kInFlight, decoder, tally);
  }
  std::printf("%d accepted, %d of them repaired, %d with records\n", tally.accepted, tally.repaired,
              tally.with_records);
  // The damage must neither spare nor spoil everything, or nothing was compared.
  EXPECT_GT(tally.accepted, kPages / 10);
  EXPECT_LT(tally.accepted, kPages * 9 / 10);
  EXPECT_GT(tally.repaired, kPages / 50);
  EXPECT_GT(tally.with_records, kPages / 20);
}

}  // namespace
}  // namespace acronis::decoding
