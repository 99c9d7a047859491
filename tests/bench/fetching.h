#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "plugin/core/clock.h"
#include "plugin/core/options.h"

namespace acronis::bench {

/// A server to read from.
struct ServerOptions {
  std::string base_url{};
  std::filesystem::path ca_file{};
};

/// The whole way of a task: HTTPS, JSON, counting once, the durable store.
struct PollArguments {
  ServerOptions server{};
  std::string client_id{};
  std::string client_secret{};
  std::filesystem::path store{};
  PollOptions poll{};
  std::size_t polls = 1;
};

/// Polls one account so many times, waiting for a line on standard input before each but the
/// first. Reports what each poll took, and what was counted in the end. Throws when a poll fails.
void Poll(const PollArguments& arguments);

/// Downloads pages, whose names are known, with the transport of the program.
void Download(const ServerOptions& server, std::size_t pages);
/// The same with nothing but OpenSSL and one buffer.
void DownloadRaw(const ServerOptions& server, std::size_t pages);

}  // namespace acronis::bench
