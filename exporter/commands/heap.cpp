#include "exporter/commands/heap.h"

#include <malloc.h>

namespace acronis::exporter {

void ShareHeaps() {
  constexpr int kMostHeaps = 2;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is no other thread yet.
  mallopt(M_ARENA_MAX, kMostHeaps);
}

}  // namespace acronis::exporter
