#include "plugin/poll/slice_queue.h"

#include <algorithm>
#include <utility>

namespace acronis::poll {
namespace {

std::chrono::nanoseconds LengthFrom(TimePoint from, const Window& window) {
  return window.to && from != kEver ? *window.to - from : std::chrono::nanoseconds(0);
}

}  // namespace

SliceQueue::SliceQueue(const std::vector<Window>& slices,
                       const std::vector<Window>& failed_before) {
  for (const Window& slice : slices) {
    waiting_.emplace(slice.from, slice);
  }
  for (const Window& slice : failed_before) {
    later_.emplace(slice.from, slice);
  }
}

std::optional<SliceQueue::Taken> SliceQueue::Take() {
  std::unique_lock lock(mutex_);
  ++idle_;
  changed_.wait(
      lock, [this] { return halted_ || !waiting_.empty() || !later_.empty() || running_.empty(); });
  --idle_;
  auto& source = waiting_.empty() ? later_ : waiting_;
  if (halted_ || source.empty()) {
    return std::nullopt;
  }
  const auto first = source.begin();
  const Taken taken{.ticket = next_ticket_++, .window = first->second};
  source.erase(first);
  running_.emplace(taken.ticket, Running{.window = taken.window, .reached = taken.window.from});
  return taken;
}

void SliceQueue::Finish(const Taken& taken) {
  PutBack(taken, {});
}

void SliceQueue::PutBack(const Taken& taken, const std::vector<Window>& rest) {
  {
    const std::lock_guard lock(mutex_);
    running_.erase(taken.ticket);
    for (const Window& window : rest) {
      waiting_.emplace(window.from, window);
    }
  }
  changed_.notify_all();
}

void SliceQueue::Fail(const Taken& taken, const std::vector<Window>& rest) {
  {
    const std::lock_guard lock(mutex_);
    running_.erase(taken.ticket);
    failed_.insert(failed_.end(), rest.begin(), rest.end());
  }
  changed_.notify_all();
}

void SliceQueue::NoteReached(const Taken& taken, TimePoint time) {
  const std::lock_guard lock(mutex_);
  running_.at(taken.ticket).reached = time;
}

void SliceQueue::Cut(Taken& taken, const std::vector<Window>& pieces) {
  {
    const std::lock_guard lock(mutex_);
    taken.window.to = pieces.front().from;
    running_.at(taken.ticket).window = taken.window;
    for (const Window& window : pieces) {
      waiting_.emplace(window.from, window);
    }
  }
  changed_.notify_all();
}

void SliceQueue::Halt() {
  {
    const std::lock_guard lock(mutex_);
    halted_ = true;
  }
  changed_.notify_all();
}

bool SliceQueue::Halted() const {
  const std::lock_guard lock(mutex_);
  return halted_;
}

bool SliceQueue::SomebodyWaits() const {
  const std::lock_guard lock(mutex_);
  return idle_ > 0 && waiting_.empty() && later_.empty();
}

std::optional<TimePoint> SliceQueue::FirstUnread() const {
  const std::lock_guard lock(mutex_);
  return FirstUnreadLocked(std::nullopt);
}

std::optional<TimePoint> SliceQueue::FirstUnreadWithout(const Taken& taken) const {
  const std::lock_guard lock(mutex_);
  return FirstUnreadLocked(taken.ticket);
}

std::optional<TimePoint> SliceQueue::FirstUnreadLocked(std::optional<std::uint64_t> without) const {
  std::optional<TimePoint> first;
  const auto note = [&first](TimePoint time) { first = first ? std::min(*first, time) : time; };
  for (const auto* const source : {&waiting_, &later_}) {
    if (!source->empty()) {
      note(source->begin()->first);
    }
  }
  for (const auto& [ticket, running] : running_) {
    if (ticket != without) {
      note(running.window.from);
    }
  }
  for (const Window& window : failed_) {
    note(window.from);
  }
  return first;
}

std::vector<Window> SliceQueue::Rest() const {
  const std::lock_guard lock(mutex_);
  std::vector<Window> rest;
  for (const auto& [from, window] : waiting_) {
    rest.push_back(window);
  }
  return rest;
}

std::vector<Window> SliceQueue::Failed() const {
  const std::lock_guard lock(mutex_);
  std::vector<Window> failed = failed_;
  for (const auto& [from, window] : later_) {
    failed.push_back(window);
  }
  std::ranges::sort(failed, {}, &Window::from);
  return failed;
}

std::chrono::nanoseconds SliceQueue::Left() const {
  const std::lock_guard lock(mutex_);
  std::chrono::nanoseconds left{};
  for (const auto* const source : {&waiting_, &later_}) {
    for (const auto& [from, window] : *source) {
      left += LengthFrom(from, window);
    }
  }
  for (const auto& [ticket, running] : running_) {
    left += LengthFrom(running.reached, running.window);
  }
  for (const Window& window : failed_) {
    left += LengthFrom(window.from, window);
  }
  return left;
}

}  // namespace acronis::poll
