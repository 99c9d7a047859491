#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugin/api/page_decoder.h"
#include "plugin/core/utf8.h"
#include "tests/decoding/reference_page.h"

namespace {

using acronis::api::PageUse;
using acronis::api::TaskPage;

bool KeepsPromises(const TaskPage& page, PageUse use) {
  for (const auto& task : page.tasks) {
    const bool countable = task.completed_at && task.state == acronis::kCompletedState;
    if (task.id <= 0 || (use == PageUse::kCounting && !countable)) {
      return false;
    }
  }
  return !page.next_cursor || !page.next_cursor->empty();
}

}  // namespace

/// Whatever a server sends: no crash, and what is accepted keeps the decoder's promises and says
/// the same to another parser.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static acronis::api::PageDecoder decoder;
  const std::string body(reinterpret_cast<const char*>(data), size);
  for (const PageUse use : {PageUse::kCounting, PageUse::kInFlight, PageUse::kListing}) {
    const auto page = decoder.Decode(body, use);
    if (!page) {
      continue;
    }
    const auto repaired = acronis::RepairUtf8(body, size);
    if (!KeepsPromises(*page, use) || page->repaired != repaired->replacements ||
        !acronis::decoding::IsJson(repaired->text) ||
        acronis::decoding::ShapeOf(*page) !=
            acronis::decoding::ReadReference(repaired->text, use)) {
      std::abort();
    }
  }
  return 0;
}
