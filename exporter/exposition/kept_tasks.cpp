#include "exporter/exposition/kept_tasks.h"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace acronis::exporter {
namespace {

/// Accounts are put together until a block has so many queues, some half megabyte of text: a few
/// are cheap to render and to pack, and in a hundred pieces a page is sent as fast as in one.
constexpr std::size_t kQueuesOfABlock = 100;

using Accounts = std::vector<AccountView>;

std::string_view Name(const AccountView& view) {
  return view.counts->account;
}

/// All accounts, in the order of their names, as blocks shall have them.
std::vector<Accounts> Group(const Snapshot& snapshot) {
  Accounts sorted = snapshot.accounts;
  std::ranges::sort(sorted, {}, Name);
  std::vector<Accounts> groups;
  std::size_t queues = kQueuesOfABlock;
  for (AccountView& view : sorted) {
    if (queues >= kQueuesOfABlock) {
      groups.emplace_back();
      queues = 0;
    }
    queues += view.counts->queues.size();
    groups.back().push_back(std::move(view));
  }
  return groups;
}

/// The families of all parts in the order of their names; those of one name, in that of the parts.
template <typename Part, typename FamiliesOf>
auto FamiliesInOrder(const std::vector<std::shared_ptr<const Part>>& parts,
                     FamiliesOf families_of) {
  using Family = std::remove_reference_t<decltype(families_of(*parts.front()).front())>;
  std::vector<std::pair<std::shared_ptr<const Part>, const Family*>> families;
  for (const auto& part : parts) {
    for (const Family& family : families_of(*part)) {
      families.emplace_back(part, &family);
    }
  }
  std::ranges::stable_sort(families, {},
                           [](const auto& pair) { return std::string_view(pair.second->name); });
  return families;
}

PlainTasks Join(const std::vector<std::shared_ptr<const PagePart>>& parts) {
  PlainTasks tasks;
  for (const auto& [part, family] :
       FamiliesInOrder(parts, [](const PagePart& page) { return std::span(page.families); })) {
    std::string_view text = std::string_view(part->text).substr(family->begin, family->size);
    if (!tasks.families.empty() && tasks.families.back().name == family->name) {
      text.remove_prefix(family->head);
    } else {
      tasks.families.push_back({family->name, family->type, {}});
    }
    tasks.families.back().pieces.push_back({part, text});
  }
  return tasks;
}

PackedTasks Join(const std::vector<std::shared_ptr<const std::vector<PackedFamily>>>& parts) {
  PackedTasks tasks;
  const auto add = [&tasks](ScrapeBody::Piece piece, const PlainSum& sum) {
    tasks.pieces.push_back(std::move(piece));
    tasks.sum.Append(sum);
  };
  Packer packer;
  std::string_view last;
  for (const auto& [part, family] :
       FamiliesInOrder(parts, [](const auto& packed) { return std::span(packed); })) {
    if (std::exchange(last, family->name) != family->name) {
      PackedPart head = packer.Pack(family->head);
      add(ScrapeBody::MakePiece(std::move(head.deflated)), head.sum);
    }
    add({part, family->samples.deflated}, family->samples.sum);
  }
  return tasks;
}

}  // namespace

TaskPart KeptTasks::Get(PageFormat format, PageEncoding encoding) {
  const std::lock_guard lock(mutex_);
  auto snapshot = collector_.TakeSnapshot();
  if (!snapshot_ || !metrics::TaskTable::SameTasks(snapshot_->accounts, snapshot->accounts)) {
    Show(snapshot);
  }
  Form& form = forms_.at(static_cast<std::size_t>(format));
  const auto from_blocks = [&](auto member) {
    std::vector<decltype((blocks_.front().*member)(format, renderer_))> parts;
    for (TaskBlock& block : blocks_) {
      parts.push_back((block.*member)(format, renderer_));
    }
    return Join(parts);
  };
  const bool packed = encoding == PageEncoding::kGzip;
  if (packed && !form.packed) {
    form.packed = std::make_shared<const PackedTasks>(from_blocks(&TaskBlock::Packed));
  } else if (!packed && !form.plain) {
    form.plain = std::make_shared<const PlainTasks>(from_blocks(&TaskBlock::Plain));
  }
  if (!series_) {
    series_ = std::make_shared<const std::vector<metrics::SeriesCount>>(Series());
  }
  return {std::move(snapshot), series_, packed ? nullptr : form.plain,
          packed ? form.packed : nullptr};
}

void KeptTasks::Forget() {
  const std::lock_guard lock(mutex_);
  snapshot_ = nullptr;
  blocks_.clear();
}

void KeptTasks::Show(const std::shared_ptr<const Snapshot>& snapshot) {
  DropWhatNobodyAskedFor();
  std::map<std::string_view, TaskBlock*> kept;  // By the name of its first account.
  for (TaskBlock& block : blocks_) {
    kept.emplace(Name(block.Accounts().front()), &block);
  }
  std::vector<TaskBlock> blocks;
  for (Accounts& accounts : Group(*snapshot)) {
    const auto found = kept.find(Name(accounts.front()));
    if (found != kept.end() && metrics::TaskTable::SameTasks(found->second->Accounts(), accounts)) {
      blocks.push_back(std::move(*found->second));
    } else {
      blocks.emplace_back(std::move(accounts));
    }
  }
  blocks_ = std::move(blocks);
  snapshot_ = snapshot;
  forms_ = {};
  series_ = nullptr;
}

void KeptTasks::DropWhatNobodyAskedFor() {
  const auto drop = [this](PageFormat format, PageEncoding encoding) {
    std::ranges::for_each(blocks_, [=](TaskBlock& block) { block.Drop(format, encoding); });
  };
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    if (!forms_[i].plain) {
      drop(static_cast<PageFormat>(i), PageEncoding::kIdentity);
    }
    if (!forms_[i].packed) {
      drop(static_cast<PageFormat>(i), PageEncoding::kGzip);
    }
  }
}

std::vector<metrics::SeriesCount> KeptTasks::Series() const {
  std::vector<metrics::SeriesCount> all;
  for (const TaskBlock& block : blocks_) {
    all.insert(all.end(), block.Series().begin(), block.Series().end());
  }
  return all;
}

}  // namespace acronis::exporter
