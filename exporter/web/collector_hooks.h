#pragma once

#include <functional>

#include "exporter/exposition/page.h"
#include "exporter/web/scrape_server.h"
#include "plugin/collector.h"

namespace acronis::exporter {

/// Joins the scrape server to the fetcher: scrapes show `page`, and a scrape
/// that was delivered is noted in `collector`. Borrows both.
ScrapeHooks HooksFor(Collector& collector, const MetricsPage& page, std::function<bool()> ready);

}  // namespace acronis::exporter
