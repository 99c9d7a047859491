#include "exporter/commands/simulated_world.h"

#include <cerrno>
#include <fcntl.h>
#include <random>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace acronis::exporter {

simulator::SimulatorOptions DescribeWorld(const WorldArguments& world) {
  simulator::SimulatorOptions options;
  options.seed = world.seed;
  options.history = world.history;
  options.rate = world.rate;
  options.queues = world.queues;
  options.tenants = world.tenants;
  options.scenario =
      world.bad_night ? simulator::Scenario::kBadNight : simulator::Scenario::kNormal;
  return options;
}

Secret MakeUpSecret() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr int kLength = 32;
  std::random_device device;
  std::uniform_int_distribution<std::size_t> letter(0, kLetters.size() - 1);
  std::string text;
  for (int count = 0; count < kLength; ++count) {
    text += kLetters[letter(device)];
  }
  return Secret(std::move(text));
}

void WriteSecret(const std::filesystem::path& path, const Secret& secret) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open() takes the mode that way.
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::string& text = secret.Reveal();
  const bool written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (file >= 0) {
    close(file);
  }
  if (!written) {
    throw std::runtime_error("cannot write " + path.string() + ": " +
                             std::generic_category().message(error));
  }
}

HostAndPort SplitAddress(const std::string& address) {
  const auto colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  return {host.empty() ? "0.0.0.0" : host,
          static_cast<std::uint16_t>(std::stoul(address.substr(colon + 1)))};
}

}  // namespace acronis::exporter
