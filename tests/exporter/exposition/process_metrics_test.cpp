#include "exporter/instruments/process_metrics.h"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

namespace acronis::exporter {
namespace {

namespace fs = std::filesystem;

std::map<std::string, double> Read(const fs::path& proc) {
  std::map<std::string, double> values;
  for (const auto& family : ProcessMetrics(proc).Read()) {
    values[family.name] = family.metric.at(0).gauge.value;
  }
  return values;
}

/// A procfs of our own making.
class ProcessMetricsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root_ / "self" / "fd");
    Write("self/fd/0", "");
    Write("self/fd/1", "");
    Write("self/fd/2", "");
    // Field 14 (utime) is 250, 15 (stime) 50, 20 (threads) 7, 22 (start) 1000, 23 and 24 memory.
    Write("self/stat",
          "4711 (a (weird) name) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 7 0 1000 123456 12 0\n");
    Write("stat", "cpu 1 2 3\nbtime 1700000000\nprocesses 5\n");
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ / name) << text;
  }

  const fs::path root_ =
      fs::temp_directory_path() / ("process_metrics_test." + std::to_string(getpid()));
};

TEST_F(ProcessMetricsTest, AreReadFromProcfs) {
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  auto values = Read(root_);
  EXPECT_DOUBLE_EQ(values.at("process_cpu_seconds_total"), 300 / ticks);
  EXPECT_DOUBLE_EQ(values.at("process_threads"), 7);
  EXPECT_DOUBLE_EQ(values.at("process_start_time_seconds"), 1700000000 + 1000 / ticks);
  EXPECT_DOUBLE_EQ(values.at("process_virtual_memory_bytes"), 123456);
  EXPECT_DOUBLE_EQ(values.at("process_resident_memory_bytes"),
                   12 * static_cast<double>(sysconf(_SC_PAGESIZE)));
  EXPECT_DOUBLE_EQ(values.at("process_open_fds"), 3);
  EXPECT_GT(values.at("process_max_fds"), 0);
  EXPECT_GT(values.at("process_virtual_memory_max_bytes"), 0);
}

TEST(ProcessMetrics, CountTheOpenFilesOfThisProcess) {
  const double before = Read("/proc").at("process_open_fds");
  const std::ifstream one("/proc/self/stat");
  const std::ifstream another("/proc/self/stat");
  EXPECT_DOUBLE_EQ(Read("/proc").at("process_open_fds"), before + 2);
}

TEST_F(ProcessMetricsTest, LeaveOutTheStartWithoutABootTime) {
  fs::remove(root_ / "stat");
  const auto values = Read(root_);
  EXPECT_FALSE(values.contains("process_start_time_seconds"));
  EXPECT_TRUE(values.contains("process_cpu_seconds_total"));
}

TEST_F(ProcessMetricsTest, LeaveOutWhatIsCutOrNoNumber) {
  Write("self/stat", "4711 (name) S 1 2 3\n");
  EXPECT_FALSE(Read(root_).contains("process_threads"));
  Write("self/stat", "4711 (name) S 1 2 3 4 5 6 7 8 9 10 x 50 0 0 20 0 y 0 1000 123456 12 0\n");
  const auto values = Read(root_);
  EXPECT_FALSE(values.contains("process_cpu_seconds_total"));
  EXPECT_FALSE(values.contains("process_threads"));
  EXPECT_TRUE(values.contains("process_virtual_memory_bytes"));
}

TEST_F(ProcessMetricsTest, SurviveWithoutProcfs) {
  const auto values = Read(root_ / "missing");
  EXPECT_FALSE(values.contains("process_open_fds"));
  EXPECT_FALSE(values.contains("process_cpu_seconds_total"));
  EXPECT_TRUE(values.contains("process_max_fds"));
}

TEST(RealProcessMetrics, ShowThisProcess) {
  const auto values = Read("/proc");
  ASSERT_EQ(values.size(), 8U);
  EXPECT_GT(values.at("process_resident_memory_bytes"), 100'000);
  EXPECT_GE(values.at("process_open_fds"), 3);
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  // The boot time has whole seconds, and machines that were suspended disagree a little.
  EXPECT_LT(std::abs(now - values.at("process_start_time_seconds")), 600);
}

}  // namespace
}  // namespace acronis::exporter
