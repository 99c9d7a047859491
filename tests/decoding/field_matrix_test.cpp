#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/api/page_decoder.h"
#include "plugin/core/time_format.h"

namespace acronis::decoding {
namespace {

using api::PageDecoder;
using api::PageUse;
using api::TaskPage;

/// Every wrong thing that may stand behind a key; `missing`: not even the key.
const std::vector<std::pair<std::string, std::string>> kKinds = {
    {"missing", ""},
    {"null", "null"},
    {"text", "\"text\""},
    {"number", "17"},
    {"fraction", "-1.5e3"},
    {"bool", "true"},
    {"array", "[1,{}]"},
    {"object", R"({"id":[],"code":{},"uuid":1,"name":[],"error":[],"cursors":7})"},
    {"empty", "\"\""},
    {"long", '"' + std::string(1'000'000, 'x') + '"'},
};

/// An object, field by field; a field may be of an inner object (`tenant.id`).
class Record {
 public:
  explicit Record(std::string id) {
    fields_ = {{"id", id},
               {"idString", '"' + id + '"'},
               {"uuid", R"("u")"},
               {"queue", R"("q")"},
               {"type", R"("t")"},
               {"state", R"("completed")"},
               {"tenant", R"({"id":"1","uuid":"u","name":"n"})"},
               {"policy", R"({"name":"p"})"},
               {"resource", R"({"name":"r"})"},
               {"context", R"({"PlanName":"c"})"},
               {"result", R"({"code":"error","error":{"context":{"cause_str":"s"}}})"},
               {"enqueuedAt", R"("2025-10-10T17:22:08Z")"},
               {"startedAt", R"("2025-10-10T17:22:09Z")"},
               {"updatedAt", R"("2025-10-10T17:22:11Z")"},
               {"completedAt", R"("2025-10-10T17:22:10Z")"}};
  }

  void Set(const std::string& field, const std::string& json) {
    const auto dot = field.find('.');
    if (dot == std::string::npos) {
      fields_[field] = json;
      return;
    }
    const std::string inner = json.empty() ? "" : '"' + field.substr(dot + 1) + "\":" + json;
    fields_[field.substr(0, dot)] = '{' + inner + '}';
  }

  std::string Json() const {
    std::string json = "{";
    for (const auto& [key, value] : fields_) {
      json += value.empty() ? "" : (json.size() > 1 ? ",\"" : "\"") + key + "\":" + value;
    }
    return json + '}';
  }

 private:
  std::map<std::string, std::string> fields_;
};

Result<TaskPage> Decode(const std::string& body, PageUse use) {
  PageDecoder decoder;
  return decoder.Decode(body, use);
}

class RecordField : public ::testing::TestWithParam<std::string> {};

/// The record between two good ones, and whether it counts.
TEST_P(RecordField, CostsAtMostItsOwnRecord) {
  const std::string good = Record("7").Json();
  for (const PageUse use : {PageUse::kCounting, PageUse::kInFlight, PageUse::kListing}) {
    const auto alone = Decode(R"({"items":[)" + good + "]}", use);
    ASSERT_TRUE(alone);
    for (const auto& [kind, json] : kKinds) {
      Record record("8");
      record.Set(GetParam(), json);
      const auto page =
          Decode(R"({"items":[)" + good + ',' + record.Json() + ',' + good + "]}", use);
      ASSERT_TRUE(page) << kind << ": " << page.error().message;
      const bool required =
          use == PageUse::kCounting && (GetParam() == "state" || GetParam() == "completedAt");
      EXPECT_EQ(page->tasks.size(), required ? 2U : 3U) << kind;
      EXPECT_EQ(page->invalid.size(), required ? 1U : 0U) << kind;
      for (const Task& task : {page->tasks.front(), page->tasks.back()}) {
        EXPECT_EQ(task, alone->tasks.front()) << kind;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fields, RecordField,
                         ::testing::Values("id", "idString", "uuid", "queue", "type", "state",
                                           "tenant", "tenant.id", "tenant.uuid", "policy",
                                           "policy.name", "resource", "resource.name", "context",
                                           "context.PlanName", "result", "result.code",
                                           "result.error", "enqueuedAt", "startedAt", "updatedAt",
                                           "completedAt"),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST(RecordWithoutId, IsSetAsideWhateverStandsInItsPlace) {
  const std::string good = Record("7").Json();
  for (const PageUse use : {PageUse::kCounting, PageUse::kInFlight, PageUse::kListing}) {
    for (const auto& [kind, json] : kKinds) {
      Record record("8");
      record.Set("id", json);
      record.Set("idString", json);
      const auto page =
          Decode(R"({"items":[)" + good + ',' + record.Json() + ',' + good + "]}", use);
      ASSERT_TRUE(page) << kind << ": " << page.error().message;
      const bool is_id = kind == "number";
      EXPECT_EQ(page->tasks.size(), is_id ? 3U : 2U) << kind;
      EXPECT_EQ(page->invalid.size(), is_id ? 0U : 1U) << kind;
      EXPECT_TRUE(is_id || page->invalid.front().id.size() <= 64) << kind;
    }
  }
}

TEST(RecordOfAnotherType, IsSetAside) {
  const std::string good = Record("7").Json();
  for (const auto& [kind, json] : kKinds) {
    if (kind == "missing") {
      continue;
    }
    const auto page =
        Decode(R"({"items":[)" + good + ',' + json + ',' + good + "]}", PageUse::kCounting);
    ASSERT_TRUE(page) << kind << ": " << page.error().message;
    EXPECT_EQ(page->tasks.size(), 2U) << kind;
    EXPECT_EQ(page->invalid.size(), 1U) << kind;
  }
}

struct EnvelopeCase {
  std::string field;
  std::string name;
  std::vector<std::string> accepted;  ///< The kinds that do not refuse the page.
};
void PrintTo(const EnvelopeCase& envelope, std::ostream* out) {
  *out << envelope.field;
}
class EnvelopeField : public ::testing::TestWithParam<EnvelopeCase> {};

/// A page with one good record; `field`, at the end of it, may be within others.
std::string Envelope(const std::string& field, const std::string& json) {
  const std::string good = Record("7").Json();
  const auto dot = field.rfind('.');
  std::string value = json.empty() ? "" : '"' + field.substr(dot + 1) + "\":" + json;
  if (field == "paging.cursors.after") {
    value = R"("paging":{"cursors":{)" + value + "}}";
  } else if (field == "paging.cursors") {
    value = R"("paging":{)" + value + "}";
  }
  const std::string items = field == "items" ? "" : R"("items":[)" + good + "]";
  return '{' + value + (value.empty() || items.empty() ? "" : ",") + items + '}';
}

TEST_P(EnvelopeField, RefusesThePageIfItCouldHideTasks) {
  for (const auto& [kind, json] : kKinds) {
    const auto page = Decode(Envelope(GetParam().field, json), PageUse::kCounting);
    const bool accepted =
        std::count(GetParam().accepted.begin(), GetParam().accepted.end(), kind) > 0;
    ASSERT_EQ(static_cast<bool>(page), accepted) << kind;
    if (page && GetParam().field != "items") {
      EXPECT_EQ(page->tasks.size(), 1U) << kind;
      EXPECT_FALSE(page->server_time) << kind;
    }
    if (page && GetParam().field == "paging.cursors.after") {
      EXPECT_EQ(page->next_cursor.has_value(), kind == "text" || kind == "long") << kind;
    } else if (page) {
      EXPECT_FALSE(page->next_cursor) << kind;
    }
  }
}

std::vector<std::string> AllKinds() {
  std::vector<std::string> kinds;
  for (const auto& [kind, json] : kKinds) {
    kinds.push_back(kind);
  }
  return kinds;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, EnvelopeField,
    ::testing::Values(
        EnvelopeCase{"items", "Items", {"array"}},
        EnvelopeCase{"paging", "Paging", {"missing", "null"}},
        EnvelopeCase{"paging.cursors", "Cursors", {"missing", "null", "object"}},
        EnvelopeCase{"cursors", "CursorsOnTheTopLevel", {"missing", "null", "object"}},
        EnvelopeCase{"paging.cursors.after", "After", {"missing", "null", "text", "empty", "long"}},
        EnvelopeCase{"timeStamp", "TimeStamp", AllKinds()},
        EnvelopeCase{"size", "Size", AllKinds()}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace acronis::decoding
