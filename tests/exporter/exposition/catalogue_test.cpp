#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gtest/gtest.h>

#include "exporter/exposition/text_writer.h"
#include "tests/exporter/exposition/page_reader.h"
#include "tests/exporter/exposition/populated_page.h"

namespace acronis::exporter {
namespace {

using Values = std::set<std::string>;

/// One metric of docs/metrics.json.
struct Entry {
  std::string type;
  std::string help;
  std::map<std::string, Values> labels;  ///< No values: an open set.
  std::vector<std::string> bounds;       ///< As `le` spells them; +Inf included.
};
using Entries = std::map<std::string, Entry>;

std::vector<std::string> Bounds(const Poco::JSON::Object& metric) {
  std::vector<std::string> bounds;
  const auto list = metric.getArray("buckets");
  if (list.isNull()) {
    return bounds;
  }
  for (const auto& bound : *list) {
    AppendBound(bounds.emplace_back(), bound.convert<double>());
  }
  bounds.emplace_back("+Inf");
  return bounds;
}

Entry ReadEntry(const Poco::JSON::Object& metric) {
  Entry entry{metric.getValue<std::string>("type"),
              metric.getValue<std::string>("help"),
              {},
              Bounds(metric)};
  const auto labels = metric.getObject("labels");
  for (const std::string& label : labels->getNames()) {
    Values& values = entry.labels[label];
    if (!labels->isNull(label)) {
      for (const auto& value : *labels->getArray(label)) {
        values.insert(value.toString());
      }
    }
  }
  return entry;
}

void ReadEntries(const Poco::JSON::Array& metrics, Entries& entries) {
  for (unsigned i = 0; i < metrics.size(); ++i) {
    const auto metric = metrics.getObject(i);
    const auto name = metric->getValue<std::string>("name");
    EXPECT_TRUE(entries.emplace(name, ReadEntry(*metric)).second) << name << " is there twice";
  }
}

struct Catalogue {
  Entries present;
  Entries planned;
};

Catalogue ReadCatalogue() {
  std::ifstream file(std::string(SOURCE_ROOT) + "/docs/metrics.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto root = Poco::JSON::Parser().parse(text).extract<Poco::JSON::Object::Ptr>();
  Catalogue catalogue;
  const auto groups = root->getArray("groups");
  for (unsigned i = 0; i < groups->size(); ++i) {
    ReadEntries(*groups->getObject(i)->getArray("metrics"), catalogue.present);
  }
  ReadEntries(*root->getArray("planned"), catalogue.planned);
  return catalogue;
}

std::vector<std::string> LabelNames(const ReadSample& sample) {
  std::vector<std::string> names;
  for (const auto& label : sample.labels) {
    if (label.first != "le") {
      names.push_back(label.first);
    }
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> LabelNames(const Entry& entry) {
  std::vector<std::string> names;
  for (const auto& label : entry.labels) {
    names.push_back(label.first);
  }
  return names;
}

/// The `le` values of the family's first series.
std::vector<std::string> RenderedBounds(const ReadFamily& family) {
  std::vector<std::string> bounds;
  for (const ReadSample& sample : family.samples) {
    if (!sample.name.ends_with("_bucket")) {
      break;
    }
    bounds.push_back(sample.Label("le"));
  }
  return bounds;
}

void ExpectClosedLabels(const ReadFamily& family, const Entry& entry) {
  for (const auto& [label, values] : entry.labels) {
    if (values.empty()) {
      continue;
    }
    Values seen;
    for (const ReadSample& sample : family.samples) {
      seen.insert(sample.Label(label));
    }
    EXPECT_TRUE(std::ranges::includes(values, seen)) << family.name << " has other " << label;
    // Times appear with their event, everything else is there from the start.
    if (!family.name.ends_with("_timestamp_seconds")) {
      EXPECT_EQ(seen, values) << family.name << " lacks a " << label;
    }
  }
}

TEST(Catalogue, HasEverythingThatIsRendered) {
  const Entries present = ReadCatalogue().present;
  for (const ReadFamily& family : ReadPage(PopulatedPage())) {
    const auto found = present.find(family.name);
    ASSERT_NE(found, present.end()) << family.name;
    const Entry& entry = found->second;
    EXPECT_EQ(family.type, entry.type) << family.name;
    EXPECT_EQ(family.help, entry.help) << family.name;
    for (const ReadSample& sample : family.samples) {
      EXPECT_EQ(LabelNames(sample), LabelNames(entry)) << family.name;
    }
    EXPECT_EQ(RenderedBounds(family), entry.bounds) << family.name;
    ExpectClosedLabels(family, entry);
  }
}

TEST(Catalogue, HasNothingThatIsNotRendered) {
  Values rendered;
  for (const ReadFamily& family : ReadPage(PopulatedPage())) {
    rendered.insert(family.name);
  }
  for (const auto& entry : ReadCatalogue().present) {
    EXPECT_TRUE(rendered.contains(entry.first)) << entry.first;
  }
}

TEST(Catalogue, PlansOnlyWhatIsNotThere) {
  const Catalogue catalogue = ReadCatalogue();
  for (const auto& entry : catalogue.planned) {
    EXPECT_FALSE(catalogue.present.contains(entry.first)) << entry.first;
  }
}

TEST(Catalogue, FollowsTheNamingRules) {
  const Catalogue catalogue = ReadCatalogue();
  for (const Entries* entries : {&catalogue.present, &catalogue.planned}) {
    for (const auto& [name, entry] : *entries) {
      EXPECT_TRUE(name.starts_with("acronis_") || name.starts_with("process_")) << name;
      EXPECT_EQ(name.ends_with("_total"), entry.type == "counter") << name;
      EXPECT_EQ(entry.bounds.empty(), entry.type != "histogram") << name;
    }
  }
}

}  // namespace
}  // namespace acronis::exporter
