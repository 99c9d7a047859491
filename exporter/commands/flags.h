#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "exporter/commands/command_line.h"

/// The parts of which the command line is made. Each adds flags that write into what is given,
/// which must live as long as the parser; only the sources of the command line need to know the
/// parser's library.
namespace acronis::exporter {

/// `[HOST]:PORT` is for the server to judge in full; here only what can never be one.
std::string CheckAddress(const std::string& text);
std::string CheckDuration(const std::string& text);
/// The parser itself would take -1 for the largest number there is.
std::string CheckCount(const std::string& text);

std::string CheckResultCode(const std::string& text);

/// One value for each time the flag is given.
void OnePerFlag(CLI::Option* option);

/// A flag with a few words as values.
template <typename T>
CLI::Option* AddChoice(CLI::App& to, const std::string& flag, T& target,
                       const std::map<std::string, T>& choices, const std::string& description) {
  std::string words;
  for (const auto& [word, value] : choices) {
    words += (words.empty() ? "" : ", ") + word;
  }
  return to
      .add_option_function<std::string>(
          flag, [&target, choices](const std::string& word) { target = choices.at(word); },
          description + ": " + words)
      ->check([choices, words](const std::string& word) {
        return choices.contains(word) ? std::string()
                                      : "'" + word + "' is not accepted: must be one of " + words;
      })
      ->type_name("WORD");
}

void AddConfigFile(CLI::App& to, std::string& file);
void AddTelemetryPath(CLI::App& to, std::string& path);
void AddStorePath(CLI::App& to, std::string& path);
void AddSuccessCodes(CLI::App& to, std::vector<std::string>& codes);
/// --from and what belongs to it.
void AddFrom(CLI::App& to, FromArguments& from);
/// All of --web; the telemetry path has a flag that other sub-commands have too.
void AddWeb(CLI::App& to, WebArguments& web, std::string& telemetry_path);

/// The sub-commands with flags of their own. Each returns what it added.
CLI::App* AddListCommand(CLI::App& to, ListArguments& arguments, std::string& config_file);
CLI::App* AddCheckCommand(CLI::App& to, CheckArguments& arguments, std::string& config_file);
CLI::App* AddStreamCommand(CLI::App& to, StreamArguments& arguments, std::string& config_file,
                           std::string& store_path);
CLI::App* AddSimulateCommand(CLI::App& to, SimulateArguments& arguments);
CLI::App* AddStoreCommand(CLI::App& to, StoreArguments& arguments, std::string& config_file,
                          std::string& store_path);
CLI::App* AddDemoCommand(CLI::App& to, DemoArguments& arguments, std::string& telemetry_path);

}  // namespace acronis::exporter
