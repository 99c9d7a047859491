#include "exporter/exposition/writer.h"

#include <algorithm>

namespace acronis::exporter {

std::string MergeParts(std::initializer_list<const PagePart*> parts, const FamilyFilter& wanted) {
  struct Slice {
    const std::string* name;
    std::string_view text;
  };
  std::vector<Slice> slices;
  std::size_t size = 0;
  for (const PagePart* part : parts) {
    for (const PagePart::Family& family : part->families) {
      if (!wanted || wanted(family)) {
        slices.push_back(
            {&family.name, std::string_view(part->text).substr(family.begin, family.size)});
        size += family.size;
      }
    }
  }
  std::ranges::sort(slices, {}, [](const Slice& slice) { return std::string_view(*slice.name); });

  std::string page;
  page.reserve(size);
  for (const Slice& slice : slices) {
    page += slice.text;
  }
  return page;
}

}  // namespace acronis::exporter
