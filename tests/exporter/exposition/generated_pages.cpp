#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "exporter/exposition/page.h"
#include "tests/exporter/exposition/generated_snapshot.h"
#include "tests/fakes/fake_collector.h"

namespace {

using acronis::exporter::MetricsPage;

void Write(const MetricsPage& page, const std::string& accept, const std::string& path) {
  std::ofstream(path) << page.Render({.accept = accept}).body.Join();
  std::ofstream(path + ".gz")
      << page.Render({.accept = accept, .accept_encoding = "gzip"}).body.Join();
}

}  // namespace

/// Writes pages of random states, each as FOLDER/N.txt and FOLDER/N.om and both packed.
int main(int argc, char** argv) {
  constexpr int kArguments = 4;
  if (argc != kArguments) {
    std::cerr << "usage: generated_pages SEED COUNT FOLDER\n";
    return 2;
  }
  std::mt19937_64 random(std::stoull(argv[1]));
  acronis::fakes::FakeCollector collector;
  const acronis::exporter::Instruments instruments({.accounts = {"a"}});
  acronis::MetricsOptions options;
  const MetricsPage page(collector, instruments, options);
  options.created_samples = true;
  const MetricsPage with_created(collector, instruments, options);
  for (int i = 0; i < std::stoi(argv[2]); ++i) {
    collector.Show(acronis::exporter::GeneratedSnapshot(random));
    const std::string path = std::string(argv[3]) + "/" + std::to_string(i);
    Write(page, "text/plain", path + ".txt");
    Write(page, "application/openmetrics-text", path + ".om");
    Write(with_created, "application/openmetrics-text", path + ".created");
  }
  return 0;
}
