#include "exporter/web/landing_page.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include "plugin/core/time_format.h"

namespace acronis::exporter {
namespace {

constexpr std::string_view kTitle = "Acronis task exporter";
constexpr std::string_view kStyle =
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}"
    "h1{margin-bottom:0}h2{margin-top:2rem}"
    ".scroll{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%}"
    "caption{text-align:left;padding-bottom:.5rem}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem 1.25rem .35rem 0;"
    "border-bottom:1px solid GrayText}"
    ".number{text-align:right;font-variant-numeric:tabular-nums}"
    ".error{overflow-wrap:anywhere}"
    "@media (max-width:40rem){table,tbody,tr,th,td{display:block}thead{display:none}"
    "tr{padding:.75rem 0;border-bottom:1px solid GrayText}th,td{border:0;padding:.1rem 0}"
    ".number{text-align:left}"
    "td::before{content:attr(data-name) ': '}}";
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

std::string Time(TimePoint then, TimePoint now) {
  const std::string text = FormatRfc3339(std::chrono::floor<std::chrono::seconds>(then));
  return "<time datetime=\"" + text + "\" title=\"" + text + "\">" + Age(then, now) + "</time>";
}

std::string LastPoll(const AccountStatus& account, TimePoint now) {
  if (!account.last_poll) {
    return "not yet";
  }
  return std::string(account.up ? "good" : "failed") + ", " + Time(*account.last_poll, now) +
         " ago";
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
         Cell("Last poll", "", LastPoll(account, now)) +
         Cell("Behind", "",
              account.watermark ? Time(*account.watermark, now) : "first catch-up is running") +
         Cell("Tasks counted", "number", std::to_string(account.counted)) +
         Cell("Last error", "error",
              account.last_error.empty() ? "none" : Escape(Shortened(account.last_error))) +
         "</tr>\n";
}

std::string Table(const std::vector<AccountStatus>& accounts, TimePoint now) {
  std::string out =
      "<div class=\"scroll\" role=\"region\" aria-label=\"Accounts\" tabindex=\"0\">\n<table>\n"
      "<caption>As of the last commit; reload the page for newer values.</caption>\n"
      "<thead><tr><th scope=\"col\">Account</th><th scope=\"col\">Last poll</th>"
      "<th scope=\"col\">Behind</th><th scope=\"col\" class=\"number\">Tasks counted</th>"
      "<th scope=\"col\">Last error</th></tr></thead>\n<tbody>\n";
  for (const AccountStatus& account : accounts) {
    out += Row(account, now);
  }
  return out + "</tbody>\n</table>\n</div>\n";
}

}  // namespace

std::string RenderLandingPage(const LandingOptions& options,
                              const std::vector<AccountStatus>& accounts) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  out += kTitle;
  out += "</title>\n<style>";
  out += kStyle;
  out += "</style>\n</head>\n<body>\n<main>\n<h1>";
  out += kTitle;
  out += "</h1>\n<p>Version ";
  out += Escape(options.version);
  out += "</p>\n<ul>\n";
  out += Link(options.telemetry_path, "Metrics") + Link("/-/healthy", "Health") +
         Link("/-/ready", "Readiness");
  out += "</ul>\n<h2>Accounts</h2>\n";
  out += Table(accounts, options.now);
  out += "</main>\n</body>\n</html>\n";
  return out;
}

}  // namespace acronis::exporter
