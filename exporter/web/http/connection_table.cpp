#include "exporter/web/http/connection_table.h"

#include <sys/socket.h>

namespace acronis::exporter::http {
namespace {

/// A reply that takes longer is taken slowly.
constexpr std::chrono::seconds kUsualSending(5);

}  // namespace

ConnectionTable::Place::~Place() {
  const std::lock_guard lock(table_.mutex_);
  table_.places_.remove(this);
  table_.staying_ -= sent_away_ ? 0 : 1;
}

void ConnectionTable::Place::Enter(Phase phase) {
  const std::lock_guard lock(table_.mutex_);
  phase_ = phase;
  since_ = std::chrono::steady_clock::now();
}

std::shared_ptr<ConnectionTable::Place> ConnectionTable::Admit(
    const Poco::Net::StreamSocket& socket) {
  const std::lock_guard lock(mutex_);
  if (closed_ || (staying_ >= most_ && !MakeRoom())) {
    return nullptr;
  }
  std::shared_ptr<Place> place(new Place(*this, socket));
  places_.push_back(place.get());
  ++staying_;
  return place;
}

bool ConnectionTable::MakeRoom() {
  const auto slow = std::chrono::steady_clock::now() - kUsualSending;
  Place* chosen = nullptr;
  for (Place* const place : places_) {
    const bool waits = place->phase_ == Phase::kWaiting;
    const bool may_go = waits || (place->phase_ == Phase::kSending && place->since_ < slow);
    const bool is_better = chosen == nullptr || (waits && chosen->phase_ != Phase::kWaiting) ||
                           (place->phase_ == chosen->phase_ && place->since_ < chosen->since_);
    if (!place->sent_away_ && may_go && is_better) {
      chosen = place;
    }
  }
  if (chosen == nullptr) {
    return false;
  }
  SendAway(*chosen);
  --staying_;
  return true;
}

void ConnectionTable::SendAway(Place& place) {
  place.sent_away_ = true;
  ::shutdown(place.socket_.impl()->sockfd(), SHUT_RDWR);
}

void ConnectionTable::CloseAll() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const Place* const place : places_) {
    ::shutdown(place->socket_.impl()->sockfd(), SHUT_RDWR);
  }
}

std::size_t ConnectionTable::Size() const {
  const std::lock_guard lock(mutex_);
  return places_.size();
}

}  // namespace acronis::exporter::http
