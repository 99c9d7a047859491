#include "exporter/exposition/kept_tasks.h"

#include <utility>

#include "exporter/exposition/openmetrics_writer.h"
#include "exporter/exposition/text_writer.h"

namespace acronis::exporter {

std::unique_ptr<FamilyWriter> MakeWriter(PageFormat format, bool created) {
  if (format == PageFormat::kOpenMetrics) {
    return std::make_unique<OpenMetricsWriter>(created);
  }
  return std::make_unique<TextWriter>();
}

TaskPart KeptTasks::Get(PageFormat format, PageEncoding encoding) {
  const std::lock_guard lock(mutex_);
  auto snapshot = collector_.TakeSnapshot();
  if (!snapshot_ || !TaskTable::SameTasks(*snapshot_, *snapshot)) {
    forms_ = {};
    snapshot_ = snapshot;
  }
  Form& form = forms_.at(static_cast<std::size_t>(format));
  if (encoding == PageEncoding::kGzip && !form.packed) {
    const auto plain = form.plain ? form.plain : Render(format, form);
    form.packed = std::make_shared<const PackedPart>(Pack(plain->text));
  } else if (encoding == PageEncoding::kIdentity && !form.plain) {
    form.plain = Render(format, form);
  }
  const bool packed = encoding == PageEncoding::kGzip;
  return {std::move(snapshot), form.series, packed ? nullptr : form.plain,
          packed ? form.packed : nullptr};
}

void KeptTasks::Forget() {
  const std::lock_guard lock(mutex_);
  snapshot_ = nullptr;
}

std::shared_ptr<const PagePart> KeptTasks::Render(PageFormat format, Form& form) {
  std::size_t& size = sizes_.at(static_cast<std::size_t>(format));
  const auto writer = MakeWriter(format, created_);
  writer->Reserve(size);
  form.series =
      std::make_shared<const std::vector<SeriesCount>>(table_.WriteTasks(*snapshot_, *writer));
  auto part = std::make_shared<PagePart>(writer->Finish());
  part->text.shrink_to_fit();
  size = part->text.size();
  return part;
}

}  // namespace acronis::exporter
