#include "exporter/exposition/page.h"

#include <utility>

#include "exporter/exposition/registry_writer.h"
#include "exporter/exposition/text_writer.h"

namespace acronis::exporter {

MetricsPage::MetricsPage(const Collector& collector, const Instruments& instruments,
                         MetricsOptions options)
    : collector_(collector), instruments_(instruments), table_(std::move(options)) {}

RenderedPage MetricsPage::Render() const {
  RenderedPage page{{}, collector_.TakeSnapshot()};
  TextWriter writer;
  table_.WriteRest(*page.snapshot, table_.WriteTasks(*page.snapshot, writer), writer);
  const PagePart tasks = writer.Finish();
  WriteFamilies(instruments_.Collect(), writer);
  const PagePart live = writer.Finish();
  page.body = MergeParts({&tasks, &live});
  return page;
}

}  // namespace acronis::exporter
