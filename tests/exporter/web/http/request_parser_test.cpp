#include "exporter/web/http/request_parser.h"

#include <random>
#include <string>
#include <variant>

#include <gtest/gtest.h>

namespace acronis::exporter::http {
namespace {

/// 0: more is needed; 200: it is a request.
int StatusOf(const std::string& bytes, const HeadLimits& limits = {}) {
  const auto read = ParseRequest(bytes, limits);
  if (const auto* const malformed = std::get_if<Malformed>(&read)) {
    return malformed->status;
  }
  return std::holds_alternative<Parsed>(read) ? 200 : 0;
}

Request Parse(const std::string& bytes) {
  auto read = ParseRequest(bytes);
  auto* const parsed = std::get_if<Parsed>(&read);
  if (parsed == nullptr) {
    ADD_FAILURE() << "not a request: " << bytes;
    return {};
  }
  return parsed->request;
}

struct HeadCase {
  std::string name;
  std::string bytes;
  int status;
};
class HeadTest : public ::testing::TestWithParam<HeadCase> {};

TEST_P(HeadTest, IsJudged) {
  EXPECT_EQ(StatusOf(GetParam().bytes), GetParam().status);
}

std::string Get(const std::string& fields, const std::string& target = "/metrics") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

std::string FirstLine(const std::string& line) {
  return line + "\r\nHost: x\r\n\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    RequestLines, HeadTest,
    ::testing::Values(HeadCase{"Plain", FirstLine("GET /metrics HTTP/1.1"), 200},
                      HeadCase{"OneZero", "GET / HTTP/1.0\r\n\r\n", 200},
                      HeadCase{"EmptyLineBefore", "\r\n" + FirstLine("GET / HTTP/1.1"), 200},
                      HeadCase{"TwoEmptyLinesBefore", "\r\n\r\n" + FirstLine("GET / HTTP/1.1"),
                               400},
                      HeadCase{"OddMethod", FirstLine("M-SEARCH / HTTP/1.1"), 200},
                      HeadCase{"Absolute", FirstLine("GET http://x/metrics HTTP/1.1"), 200},
                      HeadCase{"Authority", FirstLine("CONNECT x:443 HTTP/1.1"), 200},
                      HeadCase{"AuthorityOfGet", FirstLine("GET x:443 HTTP/1.1"), 400},
                      HeadCase{"Asterisk", FirstLine("OPTIONS * HTTP/1.1"), 200},
                      HeadCase{"Relative", FirstLine("GET metrics HTTP/1.1"), 400},
                      HeadCase{"NoVersion", FirstLine("GET /metrics"), 400},
                      HeadCase{"ZeroNine", "GET /\r\n\r\n", 400},
                      HeadCase{"Two", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
                      HeadCase{"OneTwo", FirstLine("GET / HTTP/1.2"), 200},
                      HeadCase{"Three", FirstLine("GET / HTTP/3.0"), 505},
                      HeadCase{"NoNumber", FirstLine("GET / HTTP/x.y"), 400},
                      HeadCase{"LowerCaseVersion", FirstLine("GET / http/1.1"), 400},
                      HeadCase{"LongVersion", FirstLine("GET / HTTP/1.10"), 400},
                      HeadCase{"TwoSpaces", FirstLine("GET  / HTTP/1.1"), 400},
                      HeadCase{"SpaceInTarget", FirstLine("GET /a b HTTP/1.1"), 400},
                      HeadCase{"SpaceBehind", FirstLine("GET / HTTP/1.1 "), 400},
                      HeadCase{"SpaceBefore", " " + FirstLine("GET / HTTP/1.1"), 400},
                      HeadCase{"Tabs", FirstLine("GET\t/\tHTTP/1.1"), 400},
                      HeadCase{"MethodWithBracket", FirstLine("G(T / HTTP/1.1"), 400},
                      HeadCase{"Fragment", FirstLine("GET /#a HTTP/1.1"), 400},
                      HeadCase{"BadEscape", FirstLine("GET /%zz HTTP/1.1"), 400},
                      HeadCase{"CutEscape", FirstLine("GET /%4 HTTP/1.1"), 400},
                      HeadCase{"GoodEscape", FirstLine("GET /%4D HTTP/1.1"), 200},
                      HeadCase{"Latin1InTarget", FirstLine("GET /\xE9 HTTP/1.1"), 400},
                      HeadCase{"Tls", std::string("\x16\x03\x01\x02", 4), 400},
                      HeadCase{"Nul", std::string("\0", 1), 400},
                      HeadCase{"NulInTarget", FirstLine(std::string("GET /\0 HTTP/1.1", 15)), 400}),
    [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Fields, HeadTest,
    ::testing::Values(HeadCase{"None", "GET / HTTP/1.0\r\n\r\n", 200},
                      HeadCase{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
                      HeadCase{"TwoHosts", Get("Host: x\r\n"), 400},
                      HeadCase{"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 200},
                      HeadCase{"HostWithPath", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
                      HeadCase{"HostWithSpace", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n", 400},
                      HeadCase{"Ipv6Host", "GET / HTTP/1.1\r\nHost: [::1]:9\r\n\r\n", 200},
                      HeadCase{"BareLf", "GET / HTTP/1.1\nHost: x\n\n", 400},
                      HeadCase{"BareLfInside", Get("A: b\nC: d\r\n"), 400},
                      HeadCase{"BareCr", Get("A: b\rC: d\r\n"), 400},
                      HeadCase{"Folded", Get("A: b\r\n c\r\n"), 400},
                      HeadCase{"FoldedFirst", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400},
                      HeadCase{"SpaceBeforeColon", Get("A : b\r\n"), 400},
                      HeadCase{"NoColon", Get("Ab\r\n"), 400},
                      HeadCase{"NoName", Get(": b\r\n"), 400},
                      HeadCase{"NulInValue", Get(std::string("A: \0\r\n", 6)), 400},
                      HeadCase{"ControlInValue", Get("A: \x01\r\n"), 400},
                      HeadCase{"DeleteInValue", Get("A: \x7F\r\n"), 400},
                      HeadCase{"TabInValue", Get("A: b\tc\r\n"), 200},
                      HeadCase{"Latin1InValue", Get("A: \xE9\r\n"), 200},
                      HeadCase{"EmptyValue", Get("A:\r\n"), 200}),
    [](const auto& instance) { return instance.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Bodies, HeadTest,
    ::testing::Values(
        HeadCase{"Length", Get("Content-Length: 5\r\n"), 200},
        HeadCase{"Chunked", Get("Transfer-Encoding: Chunked\r\n"), 200},
        HeadCase{"LengthAndChunked", Get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
                 400},
        HeadCase{"TwoLengths", Get("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
        HeadCase{"LengthList", Get("Content-Length: 5, 5\r\n"), 400},
        HeadCase{"Negative", Get("Content-Length: -1\r\n"), 400},
        HeadCase{"Plus", Get("Content-Length: +5\r\n"), 400},
        HeadCase{"Hexadecimal", Get("Content-Length: 0x5\r\n"), 400},
        HeadCase{"EmptyLength", Get("Content-Length:\r\n"), 400},
        HeadCase{"TooLong", Get("Content-Length: 18446744073709551616\r\n"), 400},
        HeadCase{"TwoEncodings", Get("Transfer-Encoding: gzip, chunked\r\n"), 501},
        HeadCase{"Identity", Get("Transfer-Encoding: identity\r\n"), 501},
        HeadCase{"ChunkedTwice",
                 Get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        HeadCase{"ChunkedInOneZero", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        HeadCase{"Continue", Get("Expect: 100-Continue\r\n"), 200},
        HeadCase{"OtherExpectation", Get("Expect: a-miracle\r\n"), 417}),
    [](const auto& instance) { return instance.param.name; });

TEST(ParseRequest, ReadsWhatWasSent) {
  const Request request = Parse(Get("Accept: a\r\nX-Odd:\t b c \r\naccept: d\r\n", "/m?x=1&y"));
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/m");
  EXPECT_EQ(request.query, "x=1&y");
  EXPECT_EQ(request.Joined("accept"), "a, d");
  ASSERT_NE(request.Find("x-odd"), nullptr);
  EXPECT_EQ(*request.Find("x-odd"), "b c");
  EXPECT_EQ(request.Find("X-Odd"), nullptr);
  EXPECT_EQ(request.body, BodyKind::kNone);
}

TEST(ParseRequest, FindsThePathOfAnAbsoluteTarget) {
  EXPECT_EQ(Parse(FirstLine("GET http://h:1/a/b?c HTTP/1.1")).path, "/a/b");
  EXPECT_EQ(Parse(FirstLine("GET http://h:1/a/b?c HTTP/1.1")).query, "c");
  EXPECT_EQ(Parse(FirstLine("GET http://h HTTP/1.1")).path, "/");
  EXPECT_EQ(Parse(FirstLine("GET http://h?q HTTP/1.1")).path, "/");
}

struct KeepAliveCase {
  std::string version;
  std::string connection;
  bool keep_alive;
};
class KeepAliveTest : public ::testing::TestWithParam<KeepAliveCase> {};

TEST_P(KeepAliveTest, IsAsTheClientAsked) {
  const KeepAliveCase& wanted = GetParam();
  EXPECT_EQ(
      Parse("GET / " + wanted.version + "\r\nHost: x\r\n" + wanted.connection + "\r\n").keep_alive,
      wanted.keep_alive);
}

INSTANTIATE_TEST_SUITE_P(
    Versions, KeepAliveTest,
    ::testing::Values(KeepAliveCase{"HTTP/1.1", "", true},
                      KeepAliveCase{"HTTP/1.1", "Connection: close\r\n", false},
                      KeepAliveCase{"HTTP/1.1", "Connection: te, Close\r\n", false},
                      KeepAliveCase{"HTTP/1.1", "Connection: a\r\nConnection: close\r\n", false},
                      KeepAliveCase{"HTTP/1.0", "", false},
                      KeepAliveCase{"HTTP/1.0", "Connection: Keep-Alive\r\n", true}));

TEST(ParseRequest, BoundsTheTarget) {
  const HeadLimits limits;
  const std::string longest(limits.target - 1, 'a');
  EXPECT_EQ(StatusOf(Get("", "/" + longest)), 200);
  EXPECT_EQ(StatusOf(Get("", "/a" + longest)), 414);
  EXPECT_EQ(StatusOf("GET /" + std::string(limits.bytes, 'a')), 414);
}

TEST(ParseRequest, BoundsTheFields) {
  const HeadLimits limits;
  std::string fields;
  for (std::size_t i = 1; i < limits.fields; ++i) {
    fields += "A: b\r\n";
  }
  EXPECT_EQ(StatusOf(Get(fields)), 200);
  EXPECT_EQ(StatusOf(Get(fields + "A: b\r\n")), 431);
  EXPECT_EQ(StatusOf(Get("A: " + std::string(limits.bytes / 2, 'b') + "\r\n")), 200);
  EXPECT_EQ(StatusOf(Get("A: " + std::string(limits.bytes, 'b') + "\r\n")), 431);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nA: " + std::string(limits.bytes, 'b')), 431);
}

TEST(ParseRequest, TakesOnlyTheFirstOfSeveral) {
  const std::string first = Get("A: b\r\n");
  const auto read = ParseRequest(first + Get("", "/other"));
  ASSERT_TRUE(std::holds_alternative<Parsed>(read));
  EXPECT_EQ(std::get<Parsed>(read).size, first.size());
  EXPECT_EQ(std::get<Parsed>(read).request.path, "/metrics");
}

TEST(ParseRequest, WaitsForTheEndOfEveryBeginning) {
  const std::string whole = Get("Accept: text/plain\r\nContent-Length: 7\r\n");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(StatusOf(whole.substr(0, size)), 0) << size;
  }
}

TEST(ParseRequest, NeverReadsTwoRequestsWhereThereIsOne) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", static_cast<int>(seed));
  std::mt19937 random(seed);
  const std::string whole = Get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\nA: b\r\n");
  const std::string noise(
      "\r\n\0 \t:,;/\x7F\xFF"
      "aG1",
      14);
  for (int round = 0; round < 20000; ++round) {
    std::string mutant = whole;
    for (int change = std::uniform_int_distribution(1, 4)(random); change > 0; --change) {
      const auto at = std::uniform_int_distribution<std::size_t>(0, mutant.size() - 1)(random);
      mutant[at] = noise[std::uniform_int_distribution<std::size_t>(0, noise.size() - 1)(random)];
    }
    const auto read = ParseRequest(mutant);
    if (const auto* const parsed = std::get_if<Parsed>(&read)) {
      const Request& request = parsed->request;
      const bool both =
          request.Find("content-length") != nullptr && request.Find("transfer-encoding") != nullptr;
      ASSERT_FALSE(both) << "seed " << seed << ": " << mutant;
      const std::string head = mutant.substr(0, parsed->size);
      ASSERT_TRUE(head.ends_with("\r\n\r\n")) << "seed " << seed << ": " << mutant;
      ASSERT_EQ(head.find("\r\n\r\n", 2), head.size() - 4) << "seed " << seed << ": " << mutant;
    }
  }
}

}  // namespace
}  // namespace acronis::exporter::http
