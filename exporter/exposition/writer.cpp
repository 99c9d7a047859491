#include "exporter/exposition/writer.h"

#include <algorithm>

namespace acronis::exporter {
namespace {

struct Slice {
  std::string_view name;
  std::string_view text;
};

void AddSlices(const PagePart& part, const FamilyFilter& wanted, std::vector<Slice>& slices) {
  const std::string_view text = part.text;
  for (const PagePart::Family& family : part.families) {
    if (!wanted || wanted(family)) {
      slices.push_back({family.name, text.substr(family.begin, family.size)});
    }
  }
}

}  // namespace

std::string MergeParts(std::initializer_list<const PagePart*> parts, const FamilyFilter& wanted) {
  std::vector<Slice> slices;
  for (const PagePart* part : parts) {
    AddSlices(*part, wanted, slices);
  }
  std::ranges::sort(slices, {}, &Slice::name);

  std::size_t size = 0;
  for (const Slice& slice : slices) {
    size += slice.text.size();
  }
  std::string page;
  page.reserve(size);
  for (const Slice& slice : slices) {
    page += slice.text;
  }
  return page;
}

}  // namespace acronis::exporter
