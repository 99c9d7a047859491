#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "exporter/commands/command_line.h"
#include "plugin/core/secret.h"
#include "plugin/simulator/simulator_options.h"

namespace acronis::exporter {

/// The world that `simulate` and `demo` ask for.
simulator::SimulatorOptions DescribeWorld(const WorldArguments& world);

/// A secret that nobody can guess.
Secret MakeUpSecret();

/// Writes `secret` into a new file that only this user can read. Throws std::runtime_error.
void WriteSecret(const std::filesystem::path& path, const Secret& secret);

/// `HOST:PORT` taken apart; a missing host is every interface. REQUIRES: checked by the parser.
struct HostAndPort {
  std::string host;
  std::uint16_t port;
};
HostAndPort SplitAddress(const std::string& address);

}  // namespace acronis::exporter
