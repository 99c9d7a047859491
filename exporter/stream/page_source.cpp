#include "exporter/stream/page_source.h"

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "exporter/exposition/text_reader.h"
#include "exporter/exposition/text_writer.h"
#include "plugin/metrics/sample_list.h"
#include "plugin/metrics/task_families.h"

namespace acronis::exporter {
namespace {

namespace families = metrics::task_families;

void WriteDown(const std::set<std::string>& accounts, FamilyWriter& writer) {
  writer.Begin(families::kUp);
  for (const std::string& account : accounts) {
    writer.Sample(std::array<Label, 1>{{{"account", account}}}, std::uint64_t{0});
  }
  if (accounts.empty()) {
    writer.Sample({}, std::uint64_t{0});
  }
}

std::set<std::string> AccountsOf(const metrics::Families& page) {
  std::set<std::string> accounts;
  for (const metrics::Sample& sample : metrics::SamplesOf(page, families::kUp.name)) {
    accounts.emplace(sample.Label("account"));
  }
  return accounts;
}

}  // namespace

StreamPage EngineSource::Take(PageForm form, const std::stop_token& /*stop*/) {
  StreamPage page;
  std::shared_ptr<const Snapshot> shown;
  if (form == PageForm::kText) {
    RenderedPage rendered = engine_.Page().Render();
    page.text = rendered.body.Join();
    shown = std::move(rendered.snapshot);
  } else {
    ListedPage listed = engine_.Page().List();
    page.values = std::move(listed.families);
    shown = std::move(listed.snapshot);
  }
  page.delivered = [this, shown = std::move(shown)] { engine_.Fetcher().NoteServed(*shown); };
  return page;
}

StreamPage RemoteSource::Take(PageForm form, const std::stop_token& stop) {
  Result<StreamPage> page = Fetch(form, stop);
  if (page) {
    if (!std::exchange(last_error_, {}).empty()) {
      log_.Info("the exporter can be read again", {{"url", request_.url}});
    }
    return *std::move(page);
  }
  const std::string error = page.error().message;
  if (page.error().kind != ErrorKind::kCancelled && std::exchange(last_error_, error) != error) {
    log_.Error("the exporter cannot be read, its accounts are shown as down",
               {{"url", request_.url}, {"error", error}});
  }
  return Down(form);
}

Result<StreamPage> RemoteSource::Fetch(PageForm form, const std::stop_token& stop) {
  Result<std::string> text = ReadPage(request_, stop);
  if (!text) {
    return std::move(text).error();
  }
  Result<metrics::Families> values = ReadTextPage(*text);
  if (!values) {
    return std::move(values).error();
  }
  accounts_ = AccountsOf(*values);
  if (accounts_.empty()) {
    return Error{ErrorKind::kInvalidResponse, "what answers has no " +
                                                  std::string(families::kUp.name) +
                                                  ": it is not an acronis_task_exporter"};
  }
  if (form == PageForm::kText) {
    return StreamPage{.text = *std::move(text)};
  }
  return StreamPage{.values = *std::move(values)};
}

StreamPage RemoteSource::Down(PageForm form) const {
  StreamPage page;
  if (form == PageForm::kText) {
    TextWriter writer;
    WriteDown(accounts_, writer);
    page.text = writer.Finish().text;
  } else {
    metrics::SampleList list;
    WriteDown(accounts_, list);
    page.values = list.Take();
  }
  return page;
}

}  // namespace acronis::exporter
