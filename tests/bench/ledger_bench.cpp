/// Measures the ledger, and peers of it in the same run. tests/bench/run knows the goals.
///
///   ledger_bench BENCHMARK FOLDER [NUMBER]
///
/// Prints lines of a name and a number; a name that comes several times was measured several times.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/benchmarks.h"

namespace acronis::bench {
namespace {

struct Benchmark {
  std::string_view name;
  void (*run)(const Path& folder, const Numbers& numbers);
};
constexpr std::array kBenchmarks = {
    Benchmark{"commits", Commits},    Benchmark{"tasks", Tasks}, Benchmark{"fill", Fill},
    Benchmark{"fill-bare", FillBare}, Benchmark{"open", Open},   Benchmark{"open-bare", OpenBare},
    Benchmark{"publish", Publish},
};

int Main(const std::vector<std::string>& arguments) {
  const auto* const found = arguments.size() < 2
                                ? kBenchmarks.end()
                                : std::ranges::find(kBenchmarks, arguments[0], &Benchmark::name);
  if (found == kBenchmarks.end()) {
    std::fputs("usage: ledger_bench BENCHMARK FOLDER [NUMBER]\n", stderr);
    return EXIT_FAILURE;
  }
  Numbers numbers;
  for (std::size_t n = 2; n < arguments.size(); ++n) {
    numbers.push_back(std::stoul(arguments[n]));
  }
  found->run(arguments[1], numbers);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace acronis::bench

int main(int argc, char** argv) {
  try {
    return acronis::bench::Main({argv + 1, argv + argc});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "ledger_bench: %s\n", failure.what());
    return EXIT_FAILURE;
  }
}
