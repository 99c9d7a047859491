#pragma once

#include <string_view>

namespace acronis::exporter {

/// An open file descriptor, closed with its owner.
class Descriptor {
 public:
  /// Negative: none, as system calls say that they have failed.
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  bool IsOpen() const { return number_ >= 0; }
  int Number() const { return number_; }

 private:
  int number_;
};

/// Writes all of `text` to a file descriptor. Returns errno, or 0.
int WriteAll(int descriptor, std::string_view text);

}  // namespace acronis::exporter
