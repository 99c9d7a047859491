#include "plugin/simulator/invalid_json.h"

#include <algorithm>
#include <array>
#include <span>

namespace acronis::simulator {

namespace {

/// Puts `field` at the start of the outermost object.
std::string WithField(const std::string& body, std::string_view field) {
  std::string out = "{";
  out += field;
  out += ',';
  return out + body.substr(body.empty() ? 0 : 1);
}

std::string Deep() {
  constexpr std::size_t kLevels = 1'000'000;
  return R"({"items":)" + std::string(kLevels, '[') + std::string(kLevels, ']') + '}';
}

struct Entry {
  std::string_view kind;
  std::string_view json;
};

/// Fields that no sound page has.
constexpr auto kFields = std::to_array<Entry>({
    {"duplicate_keys", R"("items":[])"},
    {"nan", R"("x":NaN)"},
    {"infinity", R"("x":-Infinity)"},
    {"invalid_utf8", "\"x\":\"\xc3\x28\""},
    {"lone_surrogate", R"("x":"\ud800")"},
    {"huge_number", R"("x":123456789012345678901234567890123456789012345678901234567890)"},
    {"exponent", R"("x":1e400)"},
});

/// What stands in the place of the whole page.
constexpr auto kBodies = std::to_array<Entry>({
    {"empty", ""},
    {"garbage", "task manager is \x01\x02 here"},
    {"items_object", R"({"items":{}})"},
});

const Entry* FindEntry(std::span<const Entry> entries, std::string_view kind) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [kind](const Entry& entry) { return entry.kind == kind; });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

std::string BreakJson(const std::string& body, std::string_view kind) {
  if (const Entry* const entry = FindEntry(kFields, kind)) {
    return WithField(body, entry->json);
  }
  if (const Entry* const entry = FindEntry(kBodies, kind)) {
    return std::string(entry->json);
  }
  if (kind == "deep") {
    return Deep();
  }
  if (kind == "bom") {
    return "\xef\xbb\xbf" + body;
  }
  if (kind == "trailing") {
    return body + "}]";
  }
  return kind == "array" ? '[' + body + ']' : body.substr(0, body.size() / 2);
}

}  // namespace acronis::simulator
