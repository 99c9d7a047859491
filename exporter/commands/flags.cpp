#include "exporter/commands/flags.h"

#include "plugin/core/duration.h"
#include "plugin/core/task.h"

namespace acronis::exporter {
namespace {

std::string CheckPath(const std::string& text) {
  const bool taken = text == "/" || text.starts_with("/-/");
  const bool plain =
      text.starts_with('/') && text.find_first_of(" ?#%\"<>\r\n\t") == std::string::npos;
  return plain && !taken ? std::string()
                         : "'" + text +
                               "' is not accepted: must be a path such as /metrics, and not / "
                               "or one below /-/";
}

}  // namespace

std::string CheckAddress(const std::string& text) {
  const auto colon = text.rfind(':');
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string::npos;
  return digits && std::stoul(port) <= 65535
             ? std::string()
             : "'" + text + "' is not accepted: must be HOST:PORT, [IPV6]:PORT or :PORT";
}

std::string CheckDuration(const std::string& text) {
  return ParseDuration(text)
             ? std::string()
             : "'" + text + "' is not accepted: must be " + std::string(kDurationForm);
}

std::string CheckCount(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::string()
                : "'" + text + "' is not accepted: must be a whole number of at least 0";
}

std::string CheckResultCode(const std::string& text) {
  std::string words;
  for (const ResultCode code : kResultCodes) {
    if (ToLabel(code) == text) {
      return {};
    }
    words += (words.empty() ? "" : ", ") + std::string(ToLabel(code));
  }
  return "'" + text + "' is not accepted: must be one of " + words;
}

void OnePerFlag(CLI::Option* option) {
  option->take_all()->allow_extra_args(false)->expected(1);
}

void AddConfigFile(CLI::App& to, std::string& file) {
  to.add_option("--config.file", file,
                "YAML file with accounts; without it one account comes from the environment")
      ->type_name("FILE");
}

void AddTelemetryPath(CLI::App& to, std::string& path) {
  to.add_option("--web.telemetry-path", path, "Path of the metrics")
      ->check(CheckPath)
      ->type_name("PATH")
      ->capture_default_str();
}

void AddWeb(CLI::App& to, WebArguments& web, std::string& telemetry_path) {
  OnePerFlag(to.add_option("--web.listen-address", web.listen_addresses,
                           "Where to serve; may be given several times")
                 ->check(CheckAddress)
                 ->type_name("[HOST]:PORT")
                 ->default_str(":10977"));
  AddTelemetryPath(to, telemetry_path);
  to.add_option_function<std::string>(
        "--web.config.file", [&web](const std::string& file) { web.config_file = file; },
        "YAML file with TLS, passwords and response headers, as of the Go exporters")
      ->type_name("FILE");
  to.add_flag("--web.systemd-socket", web.systemd_socket,
              "Listen on the sockets that systemd passes on, and nowhere else");
  to.add_option("--web.max-requests", web.max_requests,
                "Scrapes that are answered at the same time, more get 503; 0: any number")
      ->check(CheckCount)
      ->type_name("COUNT")
      ->capture_default_str();
  to.add_flag("--web.enable-lifecycle", web.enable_lifecycle,
              "Reload the configuration on POST /-/reload; SIGHUP always does");
}

void AddFrom(CLI::App& to, FromArguments& from) {
  to.add_option("--from", from.url,
                "Ask a running exporter, not the API; without a path /metrics is meant")
      ->type_name("URL");
  to.add_option("--from.username", from.username, "User name that it wants")->type_name("NAME");
  const auto file = [&to](const char* flag, std::filesystem::path& path, const char* description) {
    to.add_option_function<std::string>(
          flag, [&path](const std::string& text) { path = text; }, description)
        ->type_name("FILE");
  };
  file("--from.password-file", from.password_file, "File with the password that it wants");
  file("--from.ca-file", from.ca_file, "Certificates to trust besides the system's (PEM)");
  file("--from.cert-file", from.cert_file, "Certificate to show, if it wants one (PEM)");
  file("--from.key-file", from.key_file, "Key of that certificate, without a passphrase (PEM)");
}

void AddSuccessCodes(CLI::App& to, std::vector<std::string>& codes) {
  to.add_option("--success-codes", codes,
                "Results that are a success; default: the configuration's, or ok,warning")
      ->delimiter(',')
      ->check(CheckResultCode)
      ->type_name("CODES");
}

void AddStorePath(CLI::App& to, std::string& path) {
  to.add_option("--store.path", path, "File that keeps the counts over restarts")
      ->type_name("FILE");
}

}  // namespace acronis::exporter
