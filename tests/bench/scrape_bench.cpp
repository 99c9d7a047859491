#include <cstddef>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <prometheus/exposer.h>

#include "exporter/exposition/page.h"
#include "exporter/web/collector_hooks.h"
#include "exporter/web/scrape_server.h"
#include "tests/bench/exposer_series.h"
#include "tests/bench/scraped_series.h"
#include "tests/fakes/fake_collector.h"

namespace {

using acronis::bench::AfterOneTask;
using acronis::bench::AfterOneTaskEach;
using acronis::bench::ExposerSeries;
using acronis::bench::kSamplesOfAQueue;
using acronis::bench::ScrapedSnapshot;

/// Says where it serves; each line that comes in changes the state of that many accounts, "one" or
/// "all", the end of the lines ends it.
void Serve(int port, const std::function<void(bool)>& change) {
  std::cout << "port " << port << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    change(line == "all");
    std::cout << "changed 1" << std::endl;
  }
}

void ServePage(std::size_t queues) {
  acronis::fakes::FakeCollector collector(ScrapedSnapshot(queues));
  const acronis::exporter::Instruments instruments({.accounts = {"account-10"}});
  const acronis::exporter::MetricsPage page(collector, instruments, {});
  acronis::exporter::ScrapeServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  const acronis::exporter::ScrapeServer server(options,
                                               HooksFor(collector, page, [] { return true; }));
  Serve(server.Ports().at(0), [&](bool all) {
    const auto now = collector.TakeSnapshot();
    collector.Show(all ? AfterOneTaskEach(*now) : AfterOneTask(*now));
  });
}

void ServeExposer(std::size_t queues) {
  const auto registry = ExposerSeries(queues);
  prometheus::Exposer exposer("127.0.0.1:0");
  exposer.RegisterCollectable(registry);
  Serve(exposer.GetListeningPorts().at(0), [](bool) {});
}

}  // namespace

/// Serves so many series on loopback, as the exporter does or with prometheus-cpp alone.
int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() != 2 || (arguments[0] != "page" && arguments[0] != "exposer")) {
    std::cerr << "usage: scrape_bench page|exposer SERIES\n";
    return 2;
  }
  const std::size_t queues = std::stoul(arguments[1]) / kSamplesOfAQueue;
  if (arguments[0] == "page") {
    ServePage(queues);
  } else {
    ServeExposer(queues);
  }
  return 0;
}
