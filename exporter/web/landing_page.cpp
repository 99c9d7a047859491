#include "exporter/web/landing_page.h"

#include "plugin/core/time_format.h"

namespace acronis::exporter {
namespace {

constexpr std::string_view kTitle = "Acronis task exporter";
constexpr std::string_view kStyle =
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}"
    "th,td{text-align:left;padding:.25rem 1.5rem .25rem 0;border-bottom:1px solid #8888}";

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

std::string Link(std::string_view target) {
  const std::string escaped = Escape(target);
  return "<li><a href=\"" + escaped + "\">" + escaped + "</a></li>\n";
}

std::string Row(const AccountStatus& account) {
  return "<tr><th scope=\"row\">" + Escape(account.name) + "</th><td>" +
         (account.up ? "up" : "not up") + "</td><td>" +
         (account.watermark ? FormatRfc3339(*account.watermark) : "first catch-up is running") +
         "</td></tr>\n";
}

std::string Table(const std::vector<AccountStatus>& accounts) {
  std::string out =
      "<table>\n<tr><th scope=\"col\">Account</th><th scope=\"col\">Last poll</th>"
      "<th scope=\"col\">Counted up to</th></tr>\n";
  for (const AccountStatus& account : accounts) {
    out += Row(account);
  }
  return out + "</table>\n";
}

}  // namespace

std::string RenderLandingPage(std::string_view version, std::string_view telemetry_path,
                              const std::vector<AccountStatus>& accounts) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  out += kTitle;
  out += "</title>\n<style>";
  out += kStyle;
  out += "</style>\n</head>\n<body>\n<h1>";
  out += kTitle;
  out += "</h1>\n<p>Version ";
  out += Escape(version);
  out += "</p>\n<ul>\n";
  out += Link(telemetry_path) + Link("/-/healthy") + Link("/-/ready");
  out += "</ul>\n";
  out += Table(accounts);
  out += "</body>\n</html>\n";
  return out;
}

}  // namespace acronis::exporter
