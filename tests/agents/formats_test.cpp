/// The formats, read back by parsers that share no code with them.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/agents/formats/collectd.h"
#include "plugin/agents/formats/line_protocol.h"
#include "plugin/agents/formats/names.h"
#include "plugin/agents/formats/netdata.h"
#include "plugin/metrics/sample_list.h"
#include "plugin/metrics/task_table.h"
#include "tests/exporter/exposition/generated_snapshot.h"

namespace acronis::agents {
namespace {

using metrics::Families;
using metrics::MetricType;
using metrics::Sample;

const TimePoint kNow{std::chrono::seconds(1'587'553'200)};

Families PageOf(const Snapshot& snapshot) {
  metrics::SampleList list;
  const metrics::TaskTable table{MetricsOptions{}};
  table.WriteRest(snapshot, table.WriteTasks(snapshot.accounts, list), list);
  return list.Take();
}

Families OneSample(const std::string& name, const metrics::Labels& labels, double value) {
  return {{name, MetricType::kGauge, {{name, labels, value}}}};
}

std::vector<std::string> LinesOf(const std::string& text) {
  EXPECT_TRUE(text.empty() || text.back() == '\n') << "the last line is not ended";
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

// InfluxDB's line protocol, as its documentation has it.

struct Point {
  std::string measurement;
  std::map<std::string, std::string> tags;
  std::map<std::string, double> fields;
  std::int64_t time = 0;
};

/// Up to one of `ends`, without the backslashes that escape.
std::string Token(const std::string& line, std::size_t& at, const std::string& ends) {
  std::string token;
  while (at < line.size() && ends.find(line[at]) == std::string::npos) {
    const bool escapes = line[at] == '\\' && at + 1 < line.size() &&
                         std::string(",= ").find(line[at + 1]) != std::string::npos;
    at += escapes ? 1 : 0;
    token += line[at++];
  }
  return token;
}

Point ReadPoint(const std::string& line) {
  Point point;
  std::size_t at = 0;
  point.measurement = Token(line, at, ", ");
  while (line.at(at) == ',') {
    const std::string name = Token(line, ++at, "=");
    const std::string value = Token(line, ++at, ", ");
    EXPECT_FALSE(value.empty()) << "a tag without a value: " << line;
    EXPECT_TRUE(point.tags.emplace(name, value).second) << line;
  }
  do {
    const std::string name = Token(line, ++at, "=");
    std::size_t read = 0;
    EXPECT_TRUE(point.fields.emplace(name, std::stod(line.substr(at + 1), &read)).second) << line;
    at += 1 + read;
  } while (line.at(at) == ',');
  point.time = std::stoll(line.substr(at));
  return point;
}

/// What the line protocol makes of a label's value.
std::string AsTag(const std::string& value) {
  std::string tag;
  for (const char c : WithoutControls(value)) {
    tag += c == '\\' ? std::string("＼") : std::string(1, c);
  }
  return tag;
}

using Series = std::map<std::string, double>;  // By name and labels.

std::string KeyOf(const std::string& name, const std::map<std::string, std::string>& labels) {
  std::string key = name;
  for (const auto& [label, value] : labels) {
    key += '\0' + label + '\0' + value;
  }
  return key;
}

Series ExpectedSeries(const Families& page) {
  Series series;
  for (const auto& family : page) {
    for (const Sample& sample : family.samples) {
      std::map<std::string, std::string> labels;
      for (const auto& [name, value] : sample.labels) {
        if (!value.empty()) {
          labels[name] = AsTag(value);
        }
      }
      series[KeyOf(sample.name, labels)] = sample.value;
    }
  }
  return series;
}

TEST(LineProtocol, LooksLikeThis) {
  Families page = OneSample("acronis_tasks_completed_total",
                            {{"account", "emea"}, {"queue", "nightly, all = 1"}, {"empty", ""}}, 3);
  page.push_back({"acronis_up", MetricType::kGauge, {{"acronis_up", {{"account", "emea"}}, 1}}});
  page.push_back({"acronis_tasks_last_success_timestamp_seconds",
                  MetricType::kGauge,
                  {{"acronis_tasks_last_success_timestamp_seconds",
                    {{"queue", "nightly, all = 1"}, {"account", "emea"}},
                    1587553199.5}}});
  EXPECT_EQ(LineProtocol(page, kNow),
            "acronis,account=emea up=1 1587553200000000000\n"
            "acronis_tasks,account=emea,queue=nightly\\,\\ all\\ \\=\\ 1 "
            "completed_total=3,last_success_timestamp_seconds=1587553199.5 1587553200000000000\n");
}

TEST(LineProtocol, LeavesOutWhatIsNotFinite) {
  EXPECT_EQ(LineProtocol(OneSample("acronis_up", {}, std::stod("nan")), kNow), "");
  EXPECT_EQ(LineProtocol(OneSample("acronis_up", {}, std::stod("inf")), kNow), "");
}

TEST(LineProtocol, KeepsNamesThatItDoesNotKnowWhole) {
  EXPECT_EQ(LineProtocol(OneSample("other_metric", {}, 1), TimePoint{}),
            "other_metric value=1 0\n");
  EXPECT_EQ(LineProtocol(OneSample("acronis", {}, 1), TimePoint{}), "acronis value=1 0\n");
}

TEST(LineProtocol, SaysWhatThePageSays) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    const Families page = PageOf(exporter::GeneratedSnapshot(random));
    Series read;
    for (const std::string& line : LinesOf(LineProtocol(page, kNow))) {
      const Point point = ReadPoint(line);
      EXPECT_EQ(point.time, kNow.time_since_epoch().count());
      for (const auto& [field, value] : point.fields) {
        EXPECT_TRUE(read.emplace(KeyOf(point.measurement + "_" + field, point.tags), value).second);
      }
    }
    ASSERT_EQ(read, ExpectedSeries(page));
  }
}

// netdata's plugins.d: words between spaces, quotation marks; a backslash passes over one.

std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ') {
      ++at;
    } else if (line[at] == '\'' || line[at] == '"') {
      std::size_t end = at + 1;
      while (end < line.size() && line[end] != line[at]) {
        end += line[end] == '\\' ? 2 : 1;
      }
      if (end >= line.size()) {
        throw std::runtime_error("an open quotation: " + line);
      }
      words.push_back(line.substr(at + 1, end - at - 1));
      at = end + 1;
    } else {
      const std::size_t end = std::min(line.find(' ', at), line.size());
      words.push_back(line.substr(at, end - at));
      at = end;
    }
  }
  return words;
}

/// A netdata that knows charts, their labels, dimensions and last values.
class Netdata {
 public:
  struct Chart {
    std::string context;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> algorithms;  // By dimension.
    std::map<std::string, std::int64_t> values;
    bool obsolete = false;
  };

  void Read(const std::string& text) {
    for (const std::string& line : LinesOf(text)) {
      const auto words = Words(line);
      if (words.at(0) == "CHART") {
        EXPECT_GE(words.size(), 10U) << line;
        current_ = words.at(1);
        charts[current_].context = words.at(6);
        charts[current_].obsolete = words.size() > 10 && words[10] == "obsolete";
      } else if (words[0] == "CLABEL") {
        charts[current_].labels[words.at(1)] = words.at(2);
      } else if (words[0] == "DIMENSION") {
        charts[current_].algorithms[words.at(1)] = words.at(3);
      } else if (words[0] == "BEGIN") {
        current_ = words.at(1);
        EXPECT_TRUE(charts.contains(current_)) << line;
        microseconds = words.size() > 2 ? words[2] : "";
      } else if (words[0] == "SET") {
        EXPECT_TRUE(charts[current_].algorithms.contains(words.at(1))) << line;
        EXPECT_EQ(words.at(2), "=");
        charts[current_].values[words.at(1)] = std::stoll(words.at(3));
      } else {
        EXPECT_TRUE(line == "END" || line == "CLABEL_COMMIT") << line;
      }
    }
  }

  std::map<std::string, Chart> charts;
  std::string microseconds;

 private:
  std::string current_;
};

Value Failed(const std::string& account, const std::string& queue, double value) {
  return {topics::kFailed, account, queue, "", value};
}

TEST(Netdata, LooksLikeThis) {
  NetdataCharts charts(std::chrono::seconds(10));
  EXPECT_EQ(charts.Round({Failed("emea", "backup", 3)}, {}),
            "CHART acronis_tasks.failed_emea_backup '' 'Tasks that failed' 'tasks/s' 'backup' "
            "acronis_tasks.failed area 90010 10\n"
            "CLABEL 'account' 'emea' 1\n"
            "CLABEL 'queue' 'backup' 1\n"
            "CLABEL_COMMIT\n"
            "DIMENSION failed '' incremental 1 1\n"
            "BEGIN acronis_tasks.failed_emea_backup\n"
            "SET failed = 3\n"
            "END\n");
  EXPECT_EQ(charts.Round({Failed("emea", "backup", 4)}, std::chrono::milliseconds(9999)),
            "BEGIN acronis_tasks.failed_emea_backup 9999000\nSET failed = 4\nEND\n");
}

TEST(Netdata, DeclaresObsoleteWhatIsGone) {
  NetdataCharts charts(std::chrono::seconds(10));
  Netdata netdata;
  netdata.Read(charts.Round({Failed("emea", "backup", 3)}, {}));
  netdata.Read(charts.Round({}, std::chrono::seconds(10)));
  EXPECT_TRUE(netdata.charts.at("acronis_tasks.failed_emea_backup").obsolete);
  EXPECT_EQ(charts.Round({}, std::chrono::seconds(10)), "") << "once is enough";
  netdata.Read(charts.Round({Failed("emea", "backup", 3)}, std::chrono::seconds(10)));
  EXPECT_FALSE(netdata.charts.at("acronis_tasks.failed_emea_backup").obsolete);
}

TEST(Netdata, DefinesAChartAnewWhenItGetsAnotherDimension) {
  NetdataCharts charts(std::chrono::seconds(10));
  Netdata netdata;
  const Value watermark{topics::kAge, "emea", "", "watermark", 1};
  const Value other{topics::kAge, "emea", "", "other", 2};
  netdata.Read(charts.Round({watermark}, {}));
  netdata.Read(charts.Round({other, watermark}, std::chrono::seconds(10)));
  EXPECT_EQ(netdata.charts.at("acronis_tasks.age_emea").algorithms.size(), 2U);
}

/// Where a value of a Board is found in netdata: there is no quotation mark in a quotation, and
/// no backslash.
std::string NetdataKey(const Value& value) {
  std::map<std::string, std::string> labels;
  for (const auto& [label, text] :
       {std::pair("account", value.account), std::pair("queue", value.queue)}) {
    std::string shown = WithoutEscapes(text);
    EXPECT_EQ(shown.find('\\'), std::string::npos);
    std::replace(shown.begin(), shown.end(), '\'', '`');
    if (label == std::string("account") || !shown.empty()) {
      labels[label] = shown;
    }
  }
  const std::string topic(value.topic.name);
  return KeyOf("acronis_tasks." + topic + "." + (value.detail.empty() ? topic : value.detail),
               labels);
}

TEST(Netdata, SaysWhatTheBoardSays) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    const auto board = MakeBoard(PageOf(exporter::GeneratedSnapshot(random)), {.now = kNow});
    NetdataCharts charts(std::chrono::seconds(1));
    Netdata netdata;
    netdata.Read(charts.Round(board, {}));
    std::map<std::string, std::int64_t> read;
    for (const auto& [id, chart] : netdata.charts) {
      EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_-.~"),
                std::string::npos);
      EXPECT_LE(id.size(), 200U);
      for (const auto& [dimension, value] : chart.values) {
        const std::string key = KeyOf(chart.context + "." + dimension, chart.labels);
        EXPECT_TRUE(read.emplace(key, value).second) << key;
      }
    }
    ASSERT_EQ(read.size(), board.size()) << "two charts have one id";
    for (const Value& value : board) {
      EXPECT_EQ(read.at(NetdataKey(value)), std::llround(std::min(value.value, 9e18)));
    }
  }
}

// collectd's plain text protocol: words, quotation marks with escapes; an identifier has slashes.

TEST(Collectd, LooksLikeThis) {
  EXPECT_EQ(CollectdLines({{topics::kCompleted, "emea", "backup", "ok", 12},
                           {topics::kUp, "emea", "", "", 1},
                           {topics::kAge, "emea", "", "watermark", 2.5}},
                          "h1", std::chrono::seconds(10)),
            "PUTVAL \"h1/acronis_tasks-emea:backup/acronis_tasks_completed-ok\" interval=10 N:12\n"
            "PUTVAL \"h1/acronis_tasks-emea/acronis_tasks_up\" interval=10 N:1\n"
            "PUTVAL \"h1/acronis_tasks-emea/acronis_tasks_age-watermark\" interval=10 N:2.5\n");
}

TEST(Collectd, SaysWhatTheBoardSays) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    const auto board = MakeBoard(PageOf(exporter::GeneratedSnapshot(random)), {.now = kNow});
    const auto lines = LinesOf(CollectdLines(board, "h1", std::chrono::seconds(10)));
    ASSERT_EQ(lines.size(), board.size());
    std::set<std::string> identifiers;
    auto value = board.begin();
    for (const std::string& line : lines) {
      const std::size_t end = line.find('"', 8);
      const std::string identifier = line.substr(8, end - 8);
      EXPECT_EQ(std::count(identifier.begin(), identifier.end(), '/'), 2) << line;
      EXPECT_EQ(identifier.find('\\'), std::string::npos);
      EXPECT_TRUE(line.starts_with("PUTVAL \"h1/acronis_tasks-"));
      EXPECT_TRUE(line.substr(end).starts_with("\" interval=10 N:")) << line;
      std::istringstream parts(identifier);
      for (std::string part; std::getline(parts, part, '/');) {
        EXPECT_LE(part.size() - (part.starts_with("acronis_tasks-") ? 14 : 0), 127U) << part;
      }
      EXPECT_TRUE(identifiers.insert(identifier).second) << "two values have one name: " << line;
      const bool counts = value->topic.type == MetricType::kCounter;
      EXPECT_EQ(std::stod(line.substr(line.find(" N:", end) + 3)),
                counts ? std::min(value->value, 9e18) : value->value)
          << line;
      EXPECT_NE(identifier.find("/acronis_tasks_" + std::string(value->topic.name)),
                std::string::npos);
      EXPECT_TRUE(identifier.ends_with(value->detail)) << line;
      ++value;
    }
  }
}

TEST(Collectd, KeepsTheNameOfTheHostWhereItCan) {
  const auto host_of = [](const std::string& host) {
    const std::string line =
        CollectdLines({{topics::kUp, "emea", "", "", 1}}, host, std::chrono::seconds(10));
    return line.substr(8, line.find("/acronis_tasks-emea/") - 8);
  };
  const std::string longest = "fe80::1." + std::string(119, 'h');
  EXPECT_EQ(host_of(longest), longest);
  EXPECT_EQ(host_of(longest + "h").size(), 127U);
  EXPECT_TRUE(host_of("a/b\"\\").starts_with("a_b__~"));
}

// Names.

bool IsLetter(unsigned char c) {
  return c >= 'a' && c <= 'z';
}

TEST(Whole, StaysWithinWhatAgentsTake) {
  EXPECT_EQ(Whole(2.5), 3);
  EXPECT_EQ(Whole(std::stod("nan")), 0);
  EXPECT_EQ(Whole(1e300), 9'000'000'000'000'000'000);
  EXPECT_EQ(Whole(-1e300), -9'000'000'000'000'000'000);
}

TEST(PlainName, LeavesPlainTextAlone) {
  EXPECT_EQ(PlainName("abc", IsLetter, 12), "abc");
  EXPECT_EQ(PlainName("abcdefghijkl", IsLetter, 12), "abcdefghijkl");
}

TEST(PlainName, MarksWhatItChanges) {
  EXPECT_EQ(PlainName("a b", IsLetter, 20), "a_b~e63f9919");
  EXPECT_NE(PlainName("a b", IsLetter, 20), PlainName("a-b", IsLetter, 20));
  const std::string cut = PlainName("abcdefghijklm", IsLetter, 12);
  EXPECT_EQ(cut.size(), 12U);
  EXPECT_TRUE(cut.starts_with("abc~")) << cut;
}

TEST(PlainName, DoesNotCutACharacterInTwo) {
  const auto all = [](unsigned char) { return true; };
  EXPECT_TRUE(PlainName("aé" + std::string(20, 'x'), all, 11).starts_with("a~"));
  EXPECT_TRUE(PlainName("aé" + std::string(20, 'x'), all, 12).starts_with("aé~"));
}

TEST(WithoutEscapes, HasNoBackslash) {
  EXPECT_EQ(WithoutEscapes("D:\\a\\\n"), "D:＼a＼␊");
}

TEST(WithoutControls, ShowsPictures) {
  EXPECT_EQ(WithoutControls(std::string("a\nb\0c\x7f", 6)), "a␊b␀c␡");
  EXPECT_EQ(WithoutControls("é 備"), "é 備");
}

}  // namespace
}  // namespace acronis::agents
