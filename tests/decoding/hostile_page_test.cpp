#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <ostream>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/api/page_decoder.h"

namespace acronis::decoding {
namespace {

using api::PageDecoder;
using api::PageUse;

constexpr const char* kGood =
    R"({"id":5,"state":"completed","completedAt":"2025-10-10T17:22:10Z"})";

// How docs/decoding.md names what becomes of a page.
constexpr const char* kRefused = "page refused";
constexpr const char* kSetAside = "record set aside";
constexpr const char* kRead = "read";
constexpr const char* kRepaired = "read, repaired";

struct HostileCase {
  std::string title;  ///< As docs/decoding.md has it.
  std::string outcome;
  std::function<std::string()> body;
};
void PrintTo(const HostileCase& hostile, std::ostream* out) {
  *out << hostile.title;
}

/// A page with one good record, and a field that nobody reads.
std::function<std::string()> Field(std::string value) {
  return [value = std::move(value)] {
    return R"({"context":)" + value + R"(,"items":[)" + kGood + "]}";
  };
}

/// A page with a good record, and one with these fields in front of what it needs besides an id.
std::function<std::string()> Record(std::string fields) {
  return [fields = std::move(fields)] {
    return std::string(R"({"items":[)") + kGood + ",{" + fields +
           R"(,"state":"completed","completedAt":"2025-10-10T17:22:10Z"}]})";
  };
}

/// A page of one good record between these.
std::function<std::string()> Page(std::string before, std::string behind = "") {
  return [before = std::move(before), behind = std::move(behind)] {
    return before + R"({"items":[)" + kGood + "]}" + behind;
  };
}

std::function<std::string()> Text(std::string text) {
  return [text = std::move(text)] { return text; };
}

/// So deep, the page itself included.
std::function<std::string()> Arrays(std::size_t levels) {
  return [levels] { return Field(std::string(levels - 1, '[') + std::string(levels - 1, ']'))(); };
}

std::string Objects(std::size_t levels) {
  std::string value;
  for (std::size_t level = 1; level < levels; ++level) {
    value += R"({"a":)";
  }
  return Field(value + "1" + std::string(levels - 1, '}'))();
}

std::vector<HostileCase> Cases() {
  constexpr std::size_t kTenMillion = 10'000'000;
  constexpr std::size_t kLongest = std::size_t{64} << 20U;
  return {
      {"arrays 10,000,000 deep", kRefused, Arrays(kTenMillion)},
      {"objects 10,000,000 deep", kRefused, [] { return Objects(kTenMillion); }},
      {"1,000 levels", kRead, Arrays(1000)},
      {"1,100 levels", kRefused, Arrays(1100)},
      {"a text of 64 MiB in a field nobody reads", kRead,
       [] { return Field('"' + std::string(kLongest, 'x') + '"')(); }},

      {"2^64 in a field nobody reads", kRefused, Field("18446744073709551616")},
      {"2^64 - 1 in a field nobody reads", kRead, Field("18446744073709551615")},
      {"2^64 as `id`", kRefused, Record(R"("id":18446744073709551616)")},
      {"2^63 as `id`", kSetAside, Record(R"("id":9223372036854775808)")},
      {"2^64 as `idString`", kSetAside, Record(R"("idString":"18446744073709551616")")},
      {"-9223372036854775809 in a field nobody reads", kRefused, Field("-9223372036854775809")},
      {"-9223372036854775808 as `id`", kSetAside, Record(R"("id":-9223372036854775808)")},
      {"1e400 in a field nobody reads", kRefused, Field("1e400")},
      {"1e-400 in a field nobody reads", kRead, Field("1e-400")},
      {"1e18 as `id`", kSetAside, Record(R"("id":1e18)")},
      {"`NaN`", kRefused, Field("NaN")},
      {"`Infinity`", kRefused, Field("Infinity")},
      {"`-Infinity`", kRefused, Field("-Infinity")},
      {"`01`", kRefused, Field("01")},
      {"`1.`", kRefused, Field("1.")},
      {"`.5`", kRefused, Field(".5")},
      {"`+1`", kRefused, Field("+1")},

      {"a surrogate pair", kRead, Field(R"("\ud83d\udcbe")")},
      {"a lone high surrogate", kRefused, Field(R"("\ud83d")")},
      {"a lone low surrogate", kRefused, Field(R"("\udcbe")")},
      {"surrogates in the wrong order", kRefused, Field(R"("\udcbe\ud83d")")},
      {"`\\u0000` in a text", kRead, Field(R"("a\u0000b")")},
      {"`\\u0000` in a key: `id\\u0000x` is not `id`", kSetAside, Record(R"("id\u0000x":7)")},
      {"a NUL byte in a text", kRefused, Field(std::string("\"a\0b\"", 5))},
      {"a line break in a text", kRefused, Field("\"a\nb\"")},
      {"`\\x` in a text", kRefused, Field(R"("\x41")")},
      {"Latin-1, over-long or cut characters, surrogates in UTF-8", kRepaired,
       Field("\"\xFC \xC0\xAF \xE2\x82 \xED\xA0\x80\"")},
      {"more pieces of invalid UTF-8 than one in ten bytes", kRefused,
       Field('"' + std::string(1000, '\xFF') + '"')},
      {"invalid UTF-8 outside of a text", kRefused, Field("1\xFF")},
      {"invalid UTF-8 in the cursor", kRefused,
       Text("{\"items\":[],\"paging\":{\"cursors\":{\"after\":\"\xFF\"}}}")},

      {"a field of a record twice: the first counts", kRead,
       Text(R"({"items":[{"id":5,"id":6,"state":"completed","state":"x",)"
            R"("completedAt":"2025-10-10T17:22:10Z","completedAt":null}]})")},
      {"`items` twice", kRefused, Text(R"({"items":[],"items":[]})")},
      {"`paging` twice", kRefused, Text(R"({"items":[],"paging":{},"paging":{}})")},
      {"`cursors` twice", kRefused, Text(R"({"items":[],"paging":{"cursors":{},"cursors":{}}})")},
      {"`after` twice", kRefused,
       Text(R"({"items":[],"paging":{"cursors":{"after":"a","after":"a"}}})")},

      {"white space around the page", kRead, Page(" \t\r\n", " \t\r\n")},
      {"a byte order mark", kRefused, Page("\xEF\xBB\xBF")},
      {"text behind the page", kRefused, Page("", "x")},
      {"a NUL byte behind the page", kRefused, Page("", std::string(1, '\0'))},
      {"two pages", kRefused, Page(R"({"items":[]})")},
      {"nothing", kRefused, Text("")},
      {"any beginning of a page", kRefused, Text(std::string(R"({"items":[)") + kGood)},
      {"white space alone", kRefused, Text(" \n")},
      {"an array, a text, a number or `null` instead of an object", kRefused,
       Text(std::string("[") + kGood + "]")},
      {"a comma behind the last item", kRefused,
       Text(std::string(R"({"items":[)") + kGood + ",]}")},
      {"single quotes", kRefused, Text("{'items':[]}")},
      {"a comment", kRefused, Page("/* */")},
      {"keys without quotes", kRefused, Text("{items:[]}")},
      {"more than 100,000 records", kRefused,
       [] {
         std::string items = "{}";
         for (std::size_t count = 0; count < PageDecoder::kMaxRecords; ++count) {
           items += ",{}";
         }
         return R"({"items":[)" + items + "]}";
       }},
  };
}

class HostilePageTest : public ::testing::TestWithParam<HostileCase> {};

TEST_P(HostilePageTest, BecomesWhatIsPromised) {
  PageDecoder decoder;
  const auto page = decoder.Decode(GetParam().body(), PageUse::kCounting);
  if (GetParam().outcome == kRefused) {
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().kind, ErrorKind::kInvalidResponse);
    EXPECT_LT(page.error().message.size(), 200U);
  } else {
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->tasks.size(), 1U);
    EXPECT_EQ(page->tasks.front().id, 5);
    EXPECT_EQ(page->invalid.size(), GetParam().outcome == kSetAside ? 1U : 0U);
    EXPECT_EQ(page->repaired > 0, GetParam().outcome == kRepaired);
  }
  EXPECT_TRUE(decoder.Decode(Page("")(), PageUse::kCounting)) << "the decoder is spoilt";
}

INSTANTIATE_TEST_SUITE_P(Pages, HostilePageTest, ::testing::ValuesIn(Cases()),
                         [](const auto& instance) {
                           static const std::regex kOdd("[^0-9A-Za-z]+");
                           return std::to_string(instance.index) + "_" +
                                  std::regex_replace(instance.param.title, kOdd, "_");
                         });

TEST(HostilePage, IsNeverReadFromItsBeginningAlone) {
  std::ifstream file(std::string(ACRONIS_TEST_DATA) + "/golden_reply.json");
  std::string page{std::istreambuf_iterator<char>(file), {}};
  page.resize(page.find_last_of('}') + 1);
  PageDecoder decoder;
  ASSERT_TRUE(decoder.Decode(page, PageUse::kCounting));
  for (std::size_t length = 0; length < page.size(); ++length) {
    EXPECT_FALSE(decoder.Decode(page.substr(0, length), PageUse::kCounting)) << length;
  }
}

TEST(HostilePage, InsteadOfAnObjectIsRefused) {
  PageDecoder decoder;
  for (const std::string body : {"[]", "\"items\"", "17", "null", "true"}) {
    EXPECT_FALSE(decoder.Decode(body, PageUse::kCounting)) << body;
  }
}

/// The table of docs/decoding.md: title to outcome.
std::map<std::string, std::string> Documented() {
  std::ifstream file(ACRONIS_DECODING_PAGE);
  const std::regex row(R"(\| (.+) \| (page refused|record set aside|read|read, repaired) \|)");
  std::map<std::string, std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (std::smatch match; std::regex_match(line, match, row)) {
      rows[match[1]] = match[2];
    }
  }
  return rows;
}

TEST(HostilePage, IsDocumented) {
  std::map<std::string, std::string> tested;
  for (const HostileCase& hostile : Cases()) {
    tested[hostile.title] = hostile.outcome;
  }
  EXPECT_EQ(Documented(), tested);
}

}  // namespace
}  // namespace acronis::decoding
