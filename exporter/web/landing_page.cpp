#include "exporter/web/landing_page.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "plugin/core/time_format.h"

namespace acronis::exporter {
namespace {

constexpr std::string_view kTitle = "Acronis task exporter";
// Every text has a contrast of 4.5 at least, in light and dark. Where the table would not fit, each
// account becomes a block; the heads of the columns stay for those who hear the page, and those who
// see it have them before each value (the second `content` keeps these from being read out as
// well).
constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--back:#fff;--text:#1f2328;--quiet:#57606a;--line:#d0d7de;
--link:#0a58ca;--good:#1a6e33;--bad:#b42318;--wait:#7a5200}
@media (prefers-color-scheme:dark){:root{--back:#15181c;--text:#e6e8ea;--quiet:#a3abb3;
--line:#3a4149;--link:#8ab4f8;--good:#63d187;--bad:#ff9a91;--wait:#e3b341}}
body{font:1rem/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:2rem 1.5rem;
background:var(--back);color:var(--text);overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:0}h2{font-size:1.25rem;margin:2rem 0 0}p{margin:.25rem 0}
.quiet{color:var(--quiet)}a{color:var(--link)}
ul{display:flex;flex-wrap:wrap;gap:0 1.5rem;list-style:none;margin:.5rem 0 0;padding:0}
li a{display:inline-block;padding:.25rem 0}
table{border-collapse:collapse;width:100%}caption{text-align:left;padding-bottom:.5rem}
th,td{text-align:left;vertical-align:top;padding:.6rem 1.5rem .6rem 0;border-top:1px solid var(--line)}
thead th{border:0;color:var(--quiet);font-size:.875rem;font-weight:normal;white-space:nowrap;
padding-bottom:.25rem}
tbody th{min-width:9rem}.poll{white-space:nowrap}.error{min-width:15rem;padding-right:0}
.number{text-align:right;font-variant-numeric:tabular-nums}
.state{display:inline-block;border:1px solid;border-radius:1rem;padding:0 .6rem;
font-size:.875rem}
.good{color:var(--good)}.bad{color:var(--bad)}.wait{color:var(--wait)}
@media (max-width:56rem){body{padding:1.5rem 1rem}table,caption,tbody,tr,th,td{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{padding:.75rem 0;border-top:1px solid var(--line)}th,td{border:0;padding:.15rem 0}
td{position:relative;padding-left:8.5rem}.error{min-width:0}.number{text-align:left}
td::before{content:attr(data-name);content:attr(data-name) / "";position:absolute;left:0;
color:var(--quiet);font-size:.875rem;line-height:1.5rem}}
)";
/// Of an error text; the log has the whole.
constexpr std::size_t kMostErrorBytes = 300;

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string Link(std::string_view target, std::string_view name) {
  return "<li><a href=\"" + Escape(target) + "\">" + std::string(name) + "</a></li>\n";
}

/// `42 s`, `5 min`, `3 h`, `12 d`: the largest unit of which there are two at least.
std::string Age(TimePoint then, TimePoint now) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 3> kUnits = {
      {{86400, "d"}, {3600, "h"}, {60, "min"}}};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - then).count();
  for (const auto& [size, unit] : kUnits) {
    if (seconds >= 2 * size) {
      return std::to_string(seconds / size) + ' ' + std::string(unit);
    }
  }
  return std::to_string(std::max<std::int64_t>(seconds, 0)) + " s";
}

std::string TimeTag(TimePoint then, std::string_view content) {
  const std::string text = FormatRfc3339(std::chrono::floor<std::chrono::seconds>(then));
  return "<time datetime=\"" + text + "\" title=\"" + text + "\">" + std::string(content) +
         "</time>";
}

std::string Ago(TimePoint then, TimePoint now) {
  return TimeTag(then, Age(then, now)) + " ago";
}

/// `2026-09-21 14:13:20 UTC`
std::string Moment(TimePoint at) {
  std::string text = FormatRfc3339(std::chrono::floor<std::chrono::seconds>(at));
  text.replace(text.find('T'), 1, " ");
  text.replace(text.find('Z'), 1, " UTC");
  return TimeTag(at, text);
}

/// What becomes of the polls of an account, in the order in which the page shows them.
enum class State : std::uint8_t { kFailed, kNotYet, kGood };

State StateOf(const AccountStatus& account) {
  if (!account.last_poll) {
    return State::kNotYet;
  }
  return account.up ? State::kGood : State::kFailed;
}

/// A sign and a word: colour says nothing that they do not.
std::string Badge(State state) {
  constexpr std::array<std::string_view, 3> kBadges = {
      R"(<span class="state bad"><span aria-hidden="true">&#10005; </span>failed</span>)",
      R"(<span class="state wait"><span aria-hidden="true">&#8230; </span>not yet</span>)",
      R"(<span class="state good"><span aria-hidden="true">&#10003; </span>good</span>)"};
  return std::string(kBadges.at(static_cast<std::size_t>(state)));
}

std::string LastPoll(const AccountStatus& account, TimePoint now) {
  const std::string badge = Badge(StateOf(account));
  return account.last_poll ? badge + ' ' + Ago(*account.last_poll, now) : badge;
}

/// `1,234,567`
std::string Grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

/// Cut where a character of UTF-8 begins.
std::string Shortened(const std::string& text) {
  if (text.size() <= kMostErrorBytes) {
    return text;
  }
  std::size_t end = kMostErrorBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end) + "...";
}

/// `name` is shown before the value where the heads of the columns are not.
std::string Cell(std::string_view name, std::string_view style, const std::string& content) {
  std::string out = "<td data-name=\"" + std::string(name) + '"';
  out += style.empty() ? "" : " class=\"" + std::string(style) + '"';
  return out + '>' + content + "</td>";
}

std::string Row(const AccountStatus& account, TimePoint now) {
  return "<tr><th scope=\"row\">" + Escape(account.name) + "</th>" +
         Cell("Last poll", "poll", LastPoll(account, now)) +
         Cell("Counted up to", "",
              account.watermark ? Ago(*account.watermark, now) : "first catch-up not complete") +
         Cell("Tasks counted", "number", Grouped(account.counted)) +
         Cell("Last error", "error",
              account.last_error.empty() ? "none" : Escape(Shortened(account.last_error))) +
         "</tr>\n";
}

std::string Table(const std::vector<AccountStatus>& accounts, TimePoint now) {
  std::string out =
      "<table>\n<caption class=\"quiet\">As of " + Moment(now) +
      ", failed accounts first. Reload for newer values.</caption>\n"
      "<thead><tr><th scope=\"col\">Account</th><th scope=\"col\">Last poll</th>"
      "<th scope=\"col\">Counted up to</th><th scope=\"col\" class=\"number\">Tasks counted</th>"
      "<th scope=\"col\">Last error</th></tr></thead>\n<tbody>\n";
  for (const State state : {State::kFailed, State::kNotYet, State::kGood}) {
    for (const AccountStatus& account : accounts) {
      out += StateOf(account) == state ? Row(account, now) : "";
    }
  }
  return out + "</tbody>\n</table>\n";
}

/// `4 accounts: 2 failed, 1 not polled yet, 1 good.`
std::string Summary(const std::vector<AccountStatus>& accounts) {
  const auto number = [&accounts](State state) {
    return std::ranges::count(accounts, state, StateOf);
  };
  const std::string all = std::to_string(accounts.size());
  return all + (accounts.size() == 1 ? " account: " : " accounts: ") +
         std::to_string(number(State::kFailed)) + " failed, " +
         std::to_string(number(State::kNotYet)) + " not polled yet, " +
         std::to_string(number(State::kGood)) + " good.";
}

}  // namespace

std::string RenderLandingPage(const LandingOptions& options,
                              const std::vector<AccountStatus>& accounts) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  out += kTitle;
  out += "</title>\n<style>";
  out += kStyle;
  out += "</style>\n</head>\n<body>\n<header>\n<h1>";
  out += kTitle;
  out += "</h1>\n<p class=\"quiet\">Version " + Escape(options.version) + "</p>\n";
  out += "<nav aria-label=\"Pages\"><ul>\n";
  out += Link(options.telemetry_path, "Metrics") + Link("/-/healthy", "Health") +
         Link("/-/ready", "Readiness");
  out += "</ul></nav>\n</header>\n<main>\n<h2>Accounts</h2>\n<p>" + Summary(accounts) + "</p>\n";
  out += Table(accounts, options.now);
  out += "</main>\n</body>\n</html>\n";
  return out;
}

}  // namespace acronis::exporter
