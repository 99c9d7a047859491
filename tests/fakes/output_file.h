#pragma once

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace acronis::test {

/// A file without a name, to write into and to read back.
class OutputFile {
 public:
  OutputFile() : file_(std::tmpfile()) {}
  ~OutputFile() { EXPECT_EQ(std::fclose(file_), 0); }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  int Descriptor() const { return fileno(file_); }
  std::string Text() const {
    std::ifstream in("/proc/self/fd/" + std::to_string(Descriptor()));
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::FILE* file_;
};

}  // namespace acronis::test
