#include "exporter/exposition/page.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "exporter/exposition/gzip_member.h"
#include "exporter/exposition/line_writer.h"
#include "exporter/exposition/registry_writer.h"
#include "plugin/metrics/sample_list.h"
#include "plugin/metrics/task_families.h"

namespace acronis::exporter {
namespace {

using Names = std::set<std::string, std::less<>>;

/// Whether `wanted` has the family's name, in any format, or the name of one of its samples.
bool Selects(const Names& wanted, std::string_view name, MetricType type) {
  const std::string base(BaseName({name, type, {}}));
  const auto has = [&](std::string_view suffix) {
    return wanted.contains(base + std::string(suffix));
  };
  switch (type) {
    case MetricType::kGauge:
      return has("");
    case MetricType::kCounter:
      return has("") || has("_total") || has("_created");
    case MetricType::kHistogram:
      return has("") || has("_bucket") || has("_sum") || has("_count") || has("_created");
  }
  return false;
}

/// Nothing but `before` and `behind` is deflated.
ScrapeBody GzipBody(const std::string& before, const PackedTasks& kept, const std::string& behind) {
  GzipMember member;
  const auto pack = [&](const std::string& text) {
    PackedPart part = Pack(text);
    member.Add(part.sum);
    return std::move(part.deflated);
  };
  ScrapeBody body;
  body.Add(GzipMember::Header() + pack(before));
  member.Add(kept.sum);
  body.pieces.insert(body.pieces.end(), kept.pieces.begin(), kept.pieces.end());
  const std::string end = pack(behind);  // Before the trailer, which needs it.
  body.Add(end + member.Trailer());
  return body;
}

ScrapeBody PlainBody(std::string before, const PlainTasks& kept, std::string behind) {
  ScrapeBody body(std::move(before));
  for (const PlainTasks::Family& family : kept.families) {
    for (const ScrapeBody::Piece& piece : family.pieces) {
      body.Add(piece);
    }
  }
  body.Add(std::move(behind));
  return body;
}

/// Live families in front of the task families, or behind them.
enum class Side { kBefore, kBehind };

std::string Live(const PagePart& live, Side side, const Names& wanted) {
  return MergeParts({&live}, [&](const PagePart::Family& family) {
    return (family.name < metrics::task_families::kPrefix) == (side == Side::kBefore) &&
           (wanted.empty() || Selects(wanted, family.name, family.type));
  });
}

/// Only those that are wanted.
PlainTasks Select(const PlainTasks& tasks, const Names& wanted) {
  PlainTasks selected;
  std::ranges::copy_if(
      tasks.families, std::back_inserter(selected.families),
      [&](const auto& family) { return Selects(wanted, family.name, family.type); });
  return selected;
}

}  // namespace

MetricsPage::MetricsPage(const Collector& collector, const Instruments& instruments,
                         MetricsOptions options)
    : collector_(collector),
      instruments_(instruments),
      created_(options.created_samples),
      table_(std::move(options)),
      kept_(collector, table_, created_) {}

void MetricsPage::SetSuccessCodes(const std::vector<std::string>& codes) {
  table_.SetSuccessCodes(codes);
  kept_.Forget();
}

RenderedPage MetricsPage::Render(const ScrapeRequest& request) const {
  NegotiatedFormat chosen = NegotiateFormat(request.accept);
  const PageEncoding encoding = NegotiateEncoding(request.accept_encoding);
  const bool gzip = encoding == PageEncoding::kGzip;
  const auto writer = MakeWriter(chosen.format, created_);
  RenderedPage page{
      {}, std::move(chosen.content_type), gzip ? std::string_view("gzip") : "", nullptr};
  const Names names(request.names.begin(), request.names.end());
  // Selections are not kept, so they are packed from plain text.
  const TaskPart tasks =
      kept_.Get(chosen.format, names.empty() ? encoding : PageEncoding::kIdentity);
  const PagePart live = RenderLive(tasks, *writer);
  page.snapshot = tasks.snapshot;
  std::string before = Live(live, Side::kBefore, names);
  std::string behind = Live(live, Side::kBehind, names);
  behind += writer->EndOfPage();
  if (!names.empty()) {
    const PlainTasks wanted = Select(*tasks.plain, names);
    if (wanted.families.empty()) {
      page.snapshot = nullptr;
    }
    const ScrapeBody selected = PlainBody(std::move(before), wanted, std::move(behind));
    page.body = gzip ? GzipBody(selected.Join(), {}, "") : selected;
  } else {
    page.body = gzip ? GzipBody(before, *tasks.packed, behind)
                     : PlainBody(std::move(before), *tasks.plain, std::move(behind));
  }
  return page;
}

ListedPage MetricsPage::List() const {
  metrics::SampleList list;
  auto snapshot = collector_.TakeSnapshot();
  table_.WriteRest(*snapshot, table_.WriteTasks(snapshot->accounts, list), list);
  WriteFamilies(instruments_.Collect(), list);
  return {list.Take(), std::move(snapshot)};
}

PagePart MetricsPage::RenderLive(const TaskPart& tasks, PageWriter& writer) const {
  table_.WriteRest(*tasks.snapshot, *tasks.series, writer);
  writer.BornAt(instruments_.ProcessStart());
  WriteFamilies(instruments_.Collect(), writer);
  return writer.Finish();
}

}  // namespace acronis::exporter
