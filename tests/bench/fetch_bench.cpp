/// Measures the way of the tasks from the server into the store, whole and in parts, and makes the
/// pages to be read. tests/bench/run knows the goals.
///
///   fetch_bench pages --folder=F --begin=TIME [--tasks=N] [--page-size=N]
///   fetch_bench certificates --folder=F
///   fetch_bench poll --url=U --ca=F --store=F --start=TIME [...]
///   fetch_bench download|raw --url=U --ca=F --pages=N
///
/// Prints lines of a name and a number; a name that comes several times was measured several times.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>

#include "plugin/simulator/certificate.h"
#include "tests/bench/fetching.h"
#include "tests/bench/page_files.h"

namespace acronis::bench {
namespace {

/// Whole seconds since 1970.
TimePoint At(std::int64_t seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

void AddPages(CLI::App& app) {
  struct Arguments {
    PageFilesOptions options{};
    std::int64_t begin = 0;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const command = app.add_subcommand("pages");
  command->add_option("--folder", arguments->options.folder)->required();
  command->add_option("--begin", arguments->begin)->required();
  command->add_option("--tasks", arguments->options.tasks);
  command->add_option("--page-size", arguments->options.page_size);
  command->callback([arguments] {
    arguments->options.begin = At(arguments->begin);
    WritePageFiles(arguments->options);
  });
}

void AddCertificates(CLI::App& app) {
  const auto folder = std::make_shared<std::filesystem::path>();
  CLI::App* const command = app.add_subcommand("certificates");
  command->add_option("--folder", *folder)->required();
  command->callback([folder] { simulator::MakeCertificates(*folder, "127.0.0.1"); });
}

void AddServer(CLI::App* command, ServerOptions& server) {
  command->add_option("--url", server.base_url)->required();
  command->add_option("--ca", server.ca_file)->required();
}

void AddPoll(CLI::App& app) {
  struct Arguments {
    PollArguments poll{};
    std::int64_t start = 0;
  };
  const auto arguments = std::make_shared<Arguments>();
  PollArguments& poll = arguments->poll;
  poll.client_id = "bench";
  poll.client_secret = "nobody-looks";
  poll.poll.max_requests_per_minute = 60'000;
  poll.poll.concurrency = 1;
  poll.poll.settle = {};  // What was read up to is the watermark then.
  CLI::App* const command = app.add_subcommand("poll");
  AddServer(command, poll.server);
  command->add_option("--client-id", poll.client_id);
  command->add_option("--client-secret", poll.client_secret);
  command->add_option("--store", poll.store)->required();
  command->add_option("--start", arguments->start)->required();
  command->add_option("--page-size", poll.poll.page_size);
  command->add_option("--lod", poll.poll.lod);
  command->add_option("--concurrency", poll.poll.concurrency);
  command->add_option("--polls", poll.polls);
  command->callback([arguments] {
    arguments->poll.poll.start = {At(arguments->start)};
    Poll(arguments->poll);
  });
}

void AddDownload(CLI::App& app, const char* name,
                 void (*download)(const ServerOptions& server, std::size_t pages)) {
  struct Arguments {
    ServerOptions server{};
    std::size_t pages = 0;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* const command = app.add_subcommand(name);
  AddServer(command, arguments->server);
  command->add_option("--pages", arguments->pages)->required();
  command->callback([arguments, download] { download(arguments->server, arguments->pages); });
}

int Main(int argc, char** argv) {
  CLI::App app;
  app.require_subcommand(1);
  AddPages(app);
  AddCertificates(app);
  AddPoll(app);
  AddDownload(app, "download", Download);
  AddDownload(app, "raw", DownloadRaw);
  CLI11_PARSE(app, argc, argv);  // Runs what was chosen.
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace acronis::bench

int main(int argc, char** argv) {
  try {
    return acronis::bench::Main(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "fetch_bench: %s\n", failure.what());
    return EXIT_FAILURE;
  }
}
