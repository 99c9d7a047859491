#include "plugin/core/time_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdint>

namespace acronis {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

/// The difference of any two instants of these years fits into 64-bit nanoseconds.
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2261;

struct CivilTime {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t nanosecond = 0;
  int offset_minutes = 0;
};

/// Takes a text apart from the left. Each step says whether it matched.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  bool Before(char next) const { return rest_.starts_with(next); }

  bool Literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) {
      return false;
    }
    rest_.remove_prefix(expected.size());
    return true;
  }

  /// Exactly `digits` decimal digits.
  bool Number(std::size_t digits, int& value) {
    if (rest_.size() < digits) {
      return false;
    }
    value = 0;
    for (const char digit : rest_.substr(0, digits)) {
      if (digit < '0' || digit > '9') {
        return false;
      }
      value = value * 10 + (digit - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }

  /// A point and 1 to 9 digits, as nanoseconds.
  bool Fraction(std::int64_t& nanosecond) {
    constexpr std::array<std::int64_t, 10> kScales = {
        1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
    if (!Literal(".")) {
      return false;
    }
    std::size_t digits = 0;
    nanosecond = 0;
    for (; digits < std::min(kScales.size() - 1, rest_.size()); ++digits) {
      const char digit = rest_[digits];
      if (digit < '0' || digit > '9') {
        break;
      }
      nanosecond = nanosecond * 10 + (digit - '0');
    }
    rest_.remove_prefix(digits);
    nanosecond *= kScales[digits];
    return digits > 0;
  }

  /// One of `names`, cut to `length` letters each (0: in full); `index` is its place.
  template <std::size_t kSize>
  bool Name(const std::array<std::string_view, kSize>& names, std::size_t length,
            std::size_t& index) {
    for (index = 0; index < kSize; ++index) {
      if (Literal(length == 0 ? names[index] : names[index].substr(0, length))) {
        return true;
      }
    }
    return false;
  }

  bool Month(int& month) {
    std::size_t index = 0;
    const bool found = Name(kMonths, 0, index);
    month = static_cast<int>(index) + 1;
    return found;
  }

  bool Clock(CivilTime& time) {
    return Number(2, time.hour) && Literal(":") && Number(2, time.minute) && Literal(":") &&
           Number(2, time.second);
  }

 private:
  std::string_view rest_;
};

/// Checks every range, the length of the month included. A second of 60 is a leap second.
std::optional<TimePoint> ToTimePoint(const CivilTime& time) {
  const std::chrono::year_month_day date{std::chrono::year(time.year),
                                         std::chrono::month(static_cast<unsigned>(time.month)),
                                         std::chrono::day(static_cast<unsigned>(time.day))};
  if (time.year < kFirstYear || time.year > kLastYear || !date.ok() || time.hour > 23 ||
      time.minute > 59 || time.second > 60) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::sys_days(date)) + hours(time.hour) + minutes(time.minute) +
         seconds(time.second) + nanoseconds(time.nanosecond) - minutes(time.offset_minutes);
}

bool ScanOffset(Scanner& scan, CivilTime& time) {
  if (scan.Literal("Z") || scan.Literal("z")) {
    return true;
  }
  const int sign = scan.Literal("+") ? 1 : -1;
  int offset_hours = 0;
  int offset_minutes = 0;
  if ((sign < 0 && !scan.Literal("-")) || !scan.Number(2, offset_hours) || !scan.Literal(":") ||
      !scan.Number(2, offset_minutes) || offset_hours > 23 || offset_minutes > 59) {
    return false;
  }
  time.offset_minutes = sign * (offset_hours * 60 + offset_minutes);
  return true;
}

/// `Wed, 22 Apr 2020 11:00:00 GMT`; RFC 1123 also writes `UTC`.
std::optional<TimePoint> ParseRfc1123(std::string_view text) {
  Scanner scan(text);
  CivilTime time;
  std::size_t weekday = 0;
  if (scan.Name(kWeekdays, 3, weekday) && scan.Literal(", ") && scan.Number(2, time.day) &&
      scan.Literal(" ") && scan.Month(time.month) && scan.Literal(" ") &&
      scan.Number(4, time.year) && scan.Literal(" ") && scan.Clock(time) &&
      (scan.Literal(" GMT") || scan.Literal(" UTC")) && scan.AtEnd()) {
    return ToTimePoint(time);
  }
  return std::nullopt;
}

/// `Wednesday, 22-Apr-20 11:00:00 UTC`; two-digit years are 1969 to 2068, as Go and POSIX read
/// them.
std::optional<TimePoint> ParseRfc850(std::string_view text) {
  Scanner scan(text);
  CivilTime time;
  std::size_t weekday = 0;
  if (scan.Name(kWeekdays, 0, weekday) && scan.Literal(", ") && scan.Number(2, time.day) &&
      scan.Literal("-") && scan.Month(time.month) && scan.Literal("-") &&
      scan.Number(2, time.year) && scan.Literal(" ") && scan.Clock(time) &&
      (scan.Literal(" GMT") || scan.Literal(" UTC")) && scan.AtEnd()) {
    time.year += time.year >= 69 ? 1900 : 2000;
    return ToTimePoint(time);
  }
  return std::nullopt;
}

/// `Wed Apr 22 11:00:00 2020`, the day padded with a space; taken as UTC.
std::optional<TimePoint> ParseAnsiC(std::string_view text) {
  Scanner scan(text);
  CivilTime time;
  std::size_t weekday = 0;
  if (!scan.Name(kWeekdays, 3, weekday) || !scan.Literal(" ") || !scan.Month(time.month) ||
      !scan.Literal(" ")) {
    return std::nullopt;
  }
  const std::size_t day_digits = scan.Literal(" ") ? 1 : 2;
  if (scan.Number(day_digits, time.day) && scan.Literal(" ") && scan.Clock(time) &&
      scan.Literal(" ") && scan.Number(4, time.year) && scan.AtEnd()) {
    return ToTimePoint(time);
  }
  return std::nullopt;
}

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) {
    return std::nullopt;
  }
  return value;
}

std::optional<TimePoint> ParseUnixSeconds(std::string_view text) {
  constexpr std::int64_t kMaxSeconds = 9'223'372'036;
  const auto value = ParseInteger(text);
  if (!value || *value > kMaxSeconds || *value < -kMaxSeconds) {
    return std::nullopt;
  }
  return TimePoint(seconds(*value));
}

std::optional<TimePoint> ParseUnixNanoseconds(std::string_view text) {
  if (!text.ends_with("ns")) {
    return std::nullopt;
  }
  text.remove_suffix(2);
  const auto value = ParseInteger(text);
  return value ? std::optional(TimePoint(nanoseconds(*value))) : std::nullopt;
}

void AppendPadded(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  out.append(width > digits.size() ? width - digits.size() : 0, '0');
  out += digits;
}

void AppendFraction(std::string& out, std::int64_t nanosecond) {
  if (nanosecond == 0) {
    return;
  }
  out += '.';
  AppendPadded(out, nanosecond, 9);
  out.erase(out.find_last_not_of('0') + 1);
}

}  // namespace

std::optional<TimePoint> ParseRfc3339(std::string_view text) {
  Scanner scan(text);
  CivilTime time;
  if (!scan.Number(4, time.year) || !scan.Literal("-") || !scan.Number(2, time.month) ||
      !scan.Literal("-") || !scan.Number(2, time.day) ||
      !(scan.Literal("T") || scan.Literal("t")) || !scan.Clock(time)) {
    return std::nullopt;
  }
  if ((scan.Before('.') && !scan.Fraction(time.nanosecond)) || !ScanOffset(scan, time) ||
      !scan.AtEnd()) {
    return std::nullopt;
  }
  return ToTimePoint(time);
}

std::string FormatRfc3339(TimePoint time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<nanoseconds> clock(time - day);
  std::string out;
  AppendPadded(out, int{date.year()}, 4);
  out += '-';
  AppendPadded(out, unsigned{date.month()}, 2);
  out += '-';
  AppendPadded(out, unsigned{date.day()}, 2);
  out += 'T';
  AppendPadded(out, clock.hours().count(), 2);
  out += ':';
  AppendPadded(out, clock.minutes().count(), 2);
  out += ':';
  AppendPadded(out, clock.seconds().count(), 2);
  AppendFraction(out, clock.subseconds().count());
  out += 'Z';
  return out;
}

std::optional<TimePoint> ParseHttpDate(std::string_view text) {
  for (const auto parse : {ParseRfc1123, ParseRfc850, ParseAnsiC}) {
    if (const auto time = parse(text)) {
      return time;
    }
  }
  return std::nullopt;
}

Result<TimePoint> ParseDate(std::string_view text) {
  for (const auto parse : {ParseUnixNanoseconds, ParseUnixSeconds, ParseRfc3339, ParseRfc1123,
                           ParseRfc850, ParseAnsiC}) {
    if (const auto time = parse(text)) {
      return *time;
    }
  }
  return Error{ErrorKind::kInvalidArgument,
               "'" + std::string(text) +
                   "' is not a date; accepted are RFC 3339 (2020-04-22T11:00:00Z), RFC 1123 "
                   "(Wed, 22 Apr 2020 11:00:00 GMT), RFC 850 (Wednesday, 22-Apr-20 11:00:00 UTC), "
                   "ANSI C (Wed Apr 22 11:00:00 2020), Unix seconds (1587553200) and Unix "
                   "nanoseconds (1587553200000000000ns)"};
}

}  // namespace acronis
