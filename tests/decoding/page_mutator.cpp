#include "tests/decoding/page_mutator.h"

#include <algorithm>
#include <array>

namespace acronis::decoding {
namespace {

constexpr std::array kKeys = {
    "items",  "paging", "cursors", "after", "id",        "idString",    "queue",     "state",
    "result", "code",   "tenant",  "uuid",  "timeStamp", "completedAt", "startedAt", "unknown"};

const std::vector<std::string> kValues = {"null", "true", "0",      "17",
                                          "-1",   "1.5",  "[]",     "[1,{}]",
                                          "{}",   "\"\"", "\"x\"",  "\"completed\"",
                                          "NaN",  "tru",  "\"77\"", "{\"code\":\"ok\"}"};

const std::vector<std::string> kNumbers = {"0",
                                           "-0",
                                           "00",
                                           "01",
                                           "1.",
                                           ".5",
                                           "1e5",
                                           "1e400",
                                           "-1e400",
                                           "1e-400",
                                           "9223372036854775807",
                                           "9223372036854775808",
                                           "-9223372036854775808",
                                           "-9223372036854775809",
                                           "18446744073709551615",
                                           "18446744073709551616",
                                           "123456789012345678901234567890",
                                           "+1",
                                           "0x10",
                                           "Infinity",
                                           "1_000"};

// Invalid UTF-8 of every kind, and what is odd but valid.
const std::vector<std::string> kTexts = {"\x80",
                                         "\xFF",
                                         "\xC0\xAF",
                                         "\xE0\x80\xAF",
                                         "\xE2\x82",
                                         "\xED\xA0\x80",
                                         "\xF0\x9F\x92",
                                         "\xF4\x90\x80\x80",
                                         "\xF8\x88\x80\x80\x80",
                                         "\xC3\xA4",
                                         "\xF0\x9F\x92\xBE",
                                         "\xEF\xBB\xBF",
                                         "\\u0000",
                                         "\\ud800",
                                         "\\udc00\\ud800",
                                         "\\ud83d\\udcbe",
                                         "\\x",
                                         "\\u12",
                                         "\n",
                                         std::string(1, '\0'),
                                         "\"",
                                         "\\"};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string PageMutator::Next() {
  std::string page = dice_.OneOf(pages_);
  for (auto left = dice_.Number(1, 4); left > 0; --left) {
    Damage(page);
  }
  return page;
}

void PageMutator::Damage(std::string& page) {
  const auto way = static_cast<int>(dice_.Number(0, 11));
  switch (way) {
    case 0:
      return Splice(page);
    case 1:
    case 2:
    case 3:
      return RepeatAKey(page);
    case 4:
    case 5:
      return EditANumber(page);
    case 6:
    case 7:
    case 8:
      return EditAText(page);
    default:
      return ChangeBytes(page, way);
  }
}

void PageMutator::ChangeBytes(std::string& page, int way) {
  const std::size_t at = Place(page);
  const auto byte = static_cast<char>(dice_.Number(0, 255));
  if (way == 9 && at < page.size()) {
    page[at] = dice_.Chance(50) ? byte : static_cast<char>(page[at] ^ (1 << dice_.Number(0, 7)));
  } else if (way == 10) {
    page.insert(at, 1, dice_.Chance(50) ? byte : "{}[],:\"\\ "[dice_.Number(0, 8)]);
  } else if (dice_.Chance(80)) {
    page.erase(at, static_cast<std::size_t>(dice_.Number(1, 40)));
  } else {
    page.resize(at);
  }
}

void PageMutator::Splice(std::string& page) {
  const std::string& other = dice_.OneOf(pages_);
  page = page.substr(0, Place(page)) + other.substr(Place(other));
}

void PageMutator::RepeatAKey(std::string& page) {
  const std::size_t at = Behind(page, dice_.Chance(50) ? "{" : ",\"");
  if (at == 0) {
    return;
  }
  const std::size_t field = page[at - 1] == '"' ? at - 1 : at;
  page.insert(field, std::string("\"") + dice_.OneOf(kKeys) + "\":" + dice_.OneOf(kValues) +
                         (page[field] == '}' ? "" : ","));
}

void PageMutator::EditANumber(std::string& page) {
  const std::size_t from = Place(page);
  const auto digit =
      std::find_if(page.begin() + static_cast<std::ptrdiff_t>(from), page.end(), IsDigit);
  const auto end = std::find_if_not(digit, page.end(), IsDigit);
  page.replace(digit, end, dice_.OneOf(kNumbers));
}

void PageMutator::EditAText(std::string& page) {
  const std::size_t at = Behind(page, "\"");
  page.insert(at, dice_.OneOf(kTexts));
}

std::size_t PageMutator::Place(const std::string& page) {
  return static_cast<std::size_t>(dice_.Number(0, static_cast<std::int64_t>(page.size())));
}

std::size_t PageMutator::Behind(const std::string& page, const std::string& what) {
  const std::size_t found = page.find(what, Place(page));
  return found == std::string::npos ? 0 : found + what.size();
}

}  // namespace acronis::decoding
