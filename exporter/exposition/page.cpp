#include "exporter/exposition/page.h"

#include <set>
#include <utility>

#include "exporter/exposition/gzip_member.h"
#include "exporter/exposition/line_writer.h"
#include "exporter/exposition/registry_writer.h"
#include "exporter/exposition/task_families.h"

namespace acronis::exporter {
namespace {

using Names = std::set<std::string, std::less<>>;

/// Whether `wanted` has the family's name, in any format, or the name of one of its samples.
bool Selects(const Names& wanted, const PagePart::Family& family) {
  const std::string base(BaseName({family.name, family.type, {}}));
  const auto has = [&](std::string_view suffix) {
    return wanted.contains(base + std::string(suffix));
  };
  switch (family.type) {
    case MetricType::kGauge:
      return has("");
    case MetricType::kCounter:
      return has("") || has("_total") || has("_created");
    case MetricType::kHistogram:
      return has("") || has("_bucket") || has("_sum") || has("_count") || has("_created");
  }
  return false;
}

/// Of three pieces; nothing but the outer ones is deflated. `kept` may be null.
ScrapeBody GzipBody(const std::string& before, const std::shared_ptr<const PackedPart>& kept,
                    const std::string& behind) {
  GzipMember member;
  const auto pack = [&](const std::string& text) {
    PackedPart part = Pack(text);
    member.Add(part);
    return std::move(part.deflated);
  };
  ScrapeBody body;
  body.Add(GzipMember::Header() + pack(before));
  if (kept) {
    member.Add(*kept);
    body.pieces.emplace_back(kept, &kept->deflated);
  }
  const std::string end = pack(behind);  // Before the trailer, which needs it.
  body.Add(end + member.Trailer());
  return body;
}

ScrapeBody PlainBody(std::string before, const std::shared_ptr<const PagePart>& kept,
                     std::string behind) {
  ScrapeBody body(std::move(before));
  body.pieces.emplace_back(kept, &kept->text);
  body.Add(std::move(behind));
  return body;
}

/// Live families in front of the task families, or behind them.
std::string Side(const PagePart& live, bool before) {
  return MergeParts({&live}, [before](const PagePart::Family& family) {
    return (family.name < task_families::kPrefix) == before;
  });
}

}  // namespace

MetricsPage::MetricsPage(const Collector& collector, const Instruments& instruments,
                         MetricsOptions options)
    : instruments_(instruments),
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
  const bool whole = request.names.empty();
  const TaskPart tasks = kept_.Get(chosen.format, whole ? encoding : PageEncoding::kIdentity);
  const PagePart live = RenderLive(tasks, *writer);
  page.snapshot = tasks.snapshot;
  if (!whole) {
    const Names names(request.names.begin(), request.names.end());
    std::string text = MergeParts({tasks.plain.get(), &live},
                                  [&](const auto& family) { return Selects(names, family); });
    text += writer->EndOfPage();
    page.body = gzip ? GzipBody(text, nullptr, "") : ScrapeBody(std::move(text));
    return page;
  }
  std::string behind = Side(live, false);
  behind += writer->EndOfPage();
  page.body = gzip ? GzipBody(Side(live, true), tasks.packed, behind)
                   : PlainBody(Side(live, true), tasks.plain, std::move(behind));
  return page;
}

PagePart MetricsPage::RenderLive(const TaskPart& tasks, FamilyWriter& writer) const {
  table_.WriteRest(*tasks.snapshot, *tasks.series, writer);
  writer.BornAt(instruments_.ProcessStart());
  WriteFamilies(instruments_.Collect(), writer);
  return writer.Finish();
}

}  // namespace acronis::exporter
