#include "exporter/web/collector_hooks.h"

#include <optional>
#include <utility>

namespace acronis::exporter {
namespace {

std::vector<AccountStatus> StatusOf(const Snapshot& snapshot) {
  std::vector<AccountStatus> accounts;
  for (const AccountView& view : snapshot.accounts) {
    const AccountCounts& counts = *view.counts;
    accounts.push_back({.name = counts.account,
                        .up = view.up,
                        .last_poll = view.last_poll,
                        .last_error = view.last_error,
                        .counted = counts.books.counted,
                        .watermark = counts.baseline_complete ? counts.watermark : std::nullopt});
  }
  return accounts;
}

void NoteServed(Collector& collector, const Snapshot* shown) {
  if (shown != nullptr) {
    collector.NoteServed(*shown);
  }
}

}  // namespace

ScrapeHooks HooksFor(Collector& collector, const MetricsPage& page, std::function<bool()> ready) {
  return {[&collector, &page](const ScrapeRequest& request) {
            RenderedPage rendered = page.Render(request);
            return ScrapeReply{std::move(rendered.body),
                               [&collector, snapshot = std::move(rendered.snapshot)] {
                                 NoteServed(collector, snapshot.get());
                               },
                               std::move(rendered.content_type),
                               std::string(rendered.content_encoding)};
          },
          std::move(ready), [&collector] { return StatusOf(*collector.TakeSnapshot()); }};
}

}  // namespace acronis::exporter
