#include "exporter/files/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <unistd.h>
#include <utility>

namespace acronis::exporter {

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor::~Descriptor() {
  if (number_ >= 0) {
    close(number_);
  }
}

int WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return 0;
}

}  // namespace acronis::exporter
