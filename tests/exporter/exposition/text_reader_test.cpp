#include "exporter/exposition/text_reader.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "exporter/exposition/text_writer.h"
#include "tests/exporter/exposition/generated_snapshot.h"
#include "tests/exporter/exposition/page_reader.h"
#include "tests/exporter/exposition/populated_page.h"

namespace acronis::exporter {
namespace {

using metrics::Families;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Families Read(const std::string& page) {
  Result<Families> families = ReadTextPage(page);
  if (!families) {
    ADD_FAILURE() << families.error().message << "\n" << page;
    return {};
  }
  return std::move(families).value();
}

TEST(TextReader, ReadsFamiliesInTheOrderOfThePage) {
  EXPECT_EQ(Read("# HELP jobs_total All\\njobs.\n"
                 "# TYPE jobs_total counter\n"
                 "jobs_total{queue=\"a\\\"\\\\b\\n\",code=\"ok\"} 3\n"
                 "jobs_total 0.5\n"
                 "# TYPE a gauge\n"
                 "a -1e-05\n"),
            (Families{{"jobs_total",
                       metrics::MetricType::kCounter,
                       {{"jobs_total", {{"queue", "a\"\\b\n"}, {"code", "ok"}}, 3},
                        {"jobs_total", {}, 0.5}}},
                      {"a", metrics::MetricType::kGauge, {{"a", {}, -1e-05}}}}));
}

TEST(TextReader, ReadsTheSeriesOfAHistogramAsItsSamples) {
  EXPECT_EQ(Read("# TYPE w histogram\n"
                 "w_bucket{q=\"x\",le=\"0.5\"} 1\n"
                 "w_bucket{q=\"x\",le=\"+Inf\"} 4\n"
                 "w_sum{q=\"x\"} 90.25\n"
                 "w_count{q=\"x\"} 4\n"),
            (Families{{"w",
                       metrics::MetricType::kHistogram,
                       {{"w_bucket", {{"q", "x"}, {"le", "0.5"}}, 1},
                        {"w_bucket", {{"q", "x"}, {"le", "+Inf"}}, 4},
                        {"w_sum", {{"q", "x"}}, 90.25},
                        {"w_count", {{"q", "x"}}, 4}}}}));
}

TEST(TextReader, ReadsAnEmptyPage) {
  EXPECT_EQ(Read(""), Families{});
}

TEST(TextReader, ReadsTheNumbersWithoutDigits) {
  const Families page = Read("# TYPE a gauge\na{n=\"1\"} +Inf\na{n=\"2\"} -Inf\na{n=\"3\"} NaN\n");
  EXPECT_EQ(page[0].samples[0].value, kInfinity);
  EXPECT_EQ(page[0].samples[1].value, -kInfinity);
  EXPECT_TRUE(std::isnan(page[0].samples[2].value));
}

TEST(TextReader, ReadsAWholePageAsTheOtherReaderDoes) {
  const std::string page = PopulatedPage();
  const Families families = Read(page);
  const std::vector<ReadFamily> expected = ReadPage(page);
  ASSERT_EQ(families.size(), expected.size());
  for (std::size_t i = 0; i < families.size(); ++i) {
    ASSERT_EQ(families[i].name, expected[i].name);
    ASSERT_EQ(families[i].samples.size(), expected[i].samples.size()) << families[i].name;
    for (std::size_t n = 0; n < families[i].samples.size(); ++n) {
      EXPECT_EQ(families[i].samples[n].name, expected[i].samples[n].name);
      EXPECT_EQ(families[i].samples[n].labels, expected[i].samples[n].labels);
    }
  }
}

struct BadPage {
  std::string name;
  std::string page;
  std::string error;
};
class BadPageTest : public ::testing::TestWithParam<BadPage> {};

TEST_P(BadPageTest, IsRefusedWithItsLine) {
  const Result<Families> families = ReadTextPage(GetParam().page);
  ASSERT_FALSE(families);
  EXPECT_EQ(families.error().kind, ErrorKind::kInvalidResponse);
  EXPECT_EQ(families.error().message, GetParam().error);
}

const std::string kForeign = "a sample that does not belong to the # TYPE before it";
const std::string kNumber =
    "a value must be a number, +Inf, -Inf or NaN, and nothing may follow it";
const std::string kEscape = R"(a backslash in a label value may stand before \, " and n only)";
const std::string kLabel = "a label must be name=\"value\"";
const std::string kGauge = "# TYPE a gauge\n";

INSTANTIATE_TEST_SUITE_P(
    Pages, BadPageTest,
    ::testing::Values(
        BadPage{"NoType", "a 1\n", "line 1: " + kForeign},
        BadPage{"HelpOnly", "# HELP a h\na 1\n", "line 2: " + kForeign},
        BadPage{"AnotherFamily", kGauge + "a 1\nab 1\n", "line 3: " + kForeign},
        BadPage{"GaugeWithACount", kGauge + "a_count 1\n", "line 2: " + kForeign},
        BadPage{"HistogramWithoutSuffix", "# TYPE a histogram\na 1\n", "line 2: " + kForeign},
        BadPage{"BucketWithoutBound", "# TYPE a histogram\na_bucket 1\n", "line 2: " + kForeign},
        BadPage{"Summary", "# TYPE a summary\n",
                "line 1: a type other than counter, gauge and histogram"},
        BadPage{"TypeTwice", kGauge + "a 1\n" + kGauge,
                "line 3: a second # TYPE of the same metric"},
        BadPage{"TypeWithoutName", "# TYPE  gauge\n",
                "line 1: # TYPE must be followed by a name and a type"},
        BadPage{"HelpWithoutText", "# HELP a\n",
                "line 1: # HELP must be followed by a name and a text"},
        BadPage{"AnotherComment", "# EOF\n", "line 1: a comment other than # HELP and # TYPE"},
        BadPage{"EmptyLine", kGauge + "\n", "line 2: neither a comment nor a sample"},
        BadPage{"NameWithDigit", "# TYPE 1a gauge\n",
                "line 1: # TYPE must be followed by a name and a type"},
        BadPage{"CutShort", kGauge + "a 1", "line 2: cut short: no line feed at its end"},
        BadPage{"CarriageReturn", kGauge + "a 1\r\n", "line 2: " + kNumber},
        BadPage{"Timestamp", kGauge + "a 1 1790000000\n", "line 2: " + kNumber},
        BadPage{"Exemplar", kGauge + "a 1 # {} 1\n", "line 2: " + kNumber},
        BadPage{"NoValue", kGauge + "a \n", "line 2: " + kNumber},
        BadPage{"Word", kGauge + "a inf\n", "line 2: " + kNumber},
        BadPage{"Hexadecimal", kGauge + "a 0x10\n", "line 2: " + kNumber},
        BadPage{"TooLarge", kGauge + "a 1e999\n", "line 2: " + kNumber},
        BadPage{"Tab", kGauge + "a\t1\n", "line 2: no space between a series and its value"},
        BadPage{"LabelTwice", kGauge + "a{b=\"1\",b=\"2\"} 1\n",
                "line 2: a label that is there twice"},
        BadPage{"LabelWithColon", kGauge + "a{b:c=\"1\"} 1\n", "line 2: " + kLabel},
        BadPage{"LabelUnquoted", kGauge + "a{b=1} 1\n", "line 2: " + kLabel},
        BadPage{"NoLabels", kGauge + "a{} 1\n", "line 2: " + kLabel},
        BadPage{"CommaAtTheEnd", kGauge + "a{b=\"1\",} 1\n", "line 2: " + kLabel},
        BadPage{"NoComma", kGauge + "a{b=\"1\"c=\"1\"} 1\n",
                "line 2: labels must be parted by , and end with }"},
        BadPage{"Escape", kGauge + "a{b=\"\\t\"} 1\n", "line 2: " + kEscape},
        BadPage{"BackslashAtTheEnd", kGauge + "a{b=\"\\\n", "line 2: " + kEscape},
        BadPage{"NoQuotationMark", kGauge + "a{b=\"1} 1\n",
                "line 2: a label value without its closing quotation mark"},
        BadPage{"InvalidUtf8", kGauge + "a{b=\"\xFF\"} 1\n", "line 2: not valid UTF-8"},
        BadPage{"InvalidUtf8InHelp", "# HELP a \xC3\n", "line 1: not valid UTF-8"}),
    [](const auto& instance) { return instance.param.name; });

/// A page under construction, and what reading it must give.
class GeneratedPage {
 public:
  explicit GeneratedPage(std::mt19937_64& random) : random_(random) {
    const std::uint64_t families = Below(6);
    for (std::uint64_t i = 0; i < families; ++i) {
      AddFamily("metric_" + std::to_string(i));
    }
  }

  std::string Text() { return writer_.Finish().text; }
  const Families& Expected() const { return expected_; }

 private:
  std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }

  void AddFamily(std::string name) {
    constexpr std::array kTypes{MetricType::kCounter, MetricType::kGauge, MetricType::kHistogram};
    const std::size_t type = Below(kTypes.size());
    name += kTypes[type] == MetricType::kCounter ? "_total" : "";
    expected_.push_back({name, static_cast<metrics::MetricType>(type), {}});
    const std::string help = HostileText(random_, 9);
    writer_.Begin({name, kTypes[type], help});
    const std::uint64_t samples = 1 + Below(5);
    for (std::uint64_t i = 0; i < samples; ++i) {
      AddSeries(kTypes[type] == MetricType::kHistogram);
    }
  }

  void AddSeries(bool histogram) {
    metrics::Labels labels;
    for (const char* name : {"queue", "result_code", "_"}) {
      if (Below(3) != 0) {
        labels.emplace_back(name, HostileText(random_, 12));
      }
    }
    std::vector<Label> written;
    for (const auto& [name, value] : labels) {
      written.push_back({name, value});
    }
    if (histogram) {
      AddHistogram(labels, written);
      return;
    }
    const double value = AnyNumber();
    writer_.Sample(written, value);
    Expect("", labels, value);
  }

  void AddHistogram(const metrics::Labels& labels, const std::vector<Label>& written) {
    const std::array<double, 2> bounds{0.25, 86400};
    const std::uint64_t first = Below(1000);
    const std::array<std::uint64_t, 3> cumulative{first, first + 1, first + 5};
    const double sum = AnyNumber();
    writer_.Sample(written, Distribution{bounds, cumulative, sum});
    constexpr std::array kSpelled{"0.25", "86400.0", "+Inf"};
    for (std::size_t i = 0; i < kSpelled.size(); ++i) {
      metrics::Labels bucket = labels;
      bucket.emplace_back("le", kSpelled[i]);
      Expect("_bucket", bucket, static_cast<double>(cumulative[i]));
    }
    Expect("_sum", labels, sum);
    Expect("_count", labels, static_cast<double>(cumulative.back()));
  }

  double AnyNumber() {
    const auto bits = std::bit_cast<double>(random_());
    return std::isnan(bits) ? kInfinity : bits;
  }

  void Expect(const std::string& suffix, const metrics::Labels& labels, double value) {
    expected_.back().samples.push_back({expected_.back().name + suffix, labels, value});
  }

  std::mt19937_64& random_;
  TextWriter writer_;
  Families expected_;
};

TEST(TextReader, ReadsBackWhatTheWriterWrote) {
  const std::uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    GeneratedPage page(random);
    const std::string text = page.Text();
    ASSERT_EQ(Read(text), page.Expected()) << text;
  }
}

}  // namespace
}  // namespace acronis::exporter
