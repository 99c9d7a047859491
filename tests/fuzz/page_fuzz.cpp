#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugin/api/page_decoder.h"

/// Whatever a server sends: no crash, and what is accepted keeps the decoder's promises.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using acronis::api::PageUse;
  static acronis::api::PageDecoder decoder;
  const std::string body(reinterpret_cast<const char*>(data), size);
  for (const PageUse use : {PageUse::kCounting, PageUse::kInFlight, PageUse::kListing}) {
    const auto page = decoder.Decode(body, use);
    if (!page) {
      continue;
    }
    if (page->next_cursor && page->next_cursor->empty()) {
      std::abort();
    }
    for (const auto& task : page->tasks) {
      const bool countable = task.completed_at && task.state == acronis::kCompletedState;
      if (task.id <= 0 || (use == PageUse::kCounting && !countable)) {
        std::abort();
      }
    }
  }
  return 0;
}
