#include "exporter/exposition/task_block.h"

#include <string_view>

#include "exporter/exposition/openmetrics_writer.h"
#include "exporter/exposition/text_writer.h"

namespace acronis::exporter {

std::unique_ptr<PageWriter> MakeWriter(PageFormat format, bool created) {
  if (format == PageFormat::kOpenMetrics) {
    return std::make_unique<OpenMetricsWriter>(created);
  }
  return std::make_unique<TextWriter>();
}

std::shared_ptr<const PagePart> TaskBlock::Plain(PageFormat format, const TaskRenderer& renderer) {
  Form& form = Of(format);
  if (!form.plain) {
    form.plain = Render(format, renderer);
  }
  return form.plain;
}

std::shared_ptr<const std::vector<PackedFamily>> TaskBlock::Packed(PageFormat format,
                                                                   const TaskRenderer& renderer) {
  Form& form = Of(format);
  if (!form.packed) {
    const auto plain = form.plain ? form.plain : Render(format, renderer);
    std::vector<PackedFamily> packed;
    Packer packer;
    for (const PagePart::Family& family : plain->families) {
      const std::string_view text = std::string_view(plain->text).substr(family.begin, family.size);
      packed.push_back({family.name, std::string(text.substr(0, family.head)),
                        packer.Pack(text.substr(family.head))});
      packed.back().samples.deflated.shrink_to_fit();
    }
    form.packed = std::make_shared<const std::vector<PackedFamily>>(std::move(packed));
  }
  return form.packed;
}

void TaskBlock::Drop(PageFormat format, PageEncoding encoding) {
  if (encoding == PageEncoding::kGzip) {
    Of(format).packed = nullptr;
  } else {
    Of(format).plain = nullptr;
  }
}

std::shared_ptr<const PagePart> TaskBlock::Render(PageFormat format, const TaskRenderer& renderer) {
  const auto writer = MakeWriter(format, renderer.created);
  series_ = renderer.table.WriteTasks(accounts_, *writer);
  auto part = std::make_shared<PagePart>(writer->Finish());
  part->text.shrink_to_fit();
  return part;
}

}  // namespace acronis::exporter
