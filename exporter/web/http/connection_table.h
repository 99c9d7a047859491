#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include <Poco/Net/StreamSocket.h>

namespace acronis::exporter::http {

/// Who is connected, and who has to go when there are too many: those that only wait, longest
/// first, then those that have been taking their reply slowly. Whoever is being answered stays.
///
/// So that clients which send or read slowly take no place from those that do not. Thread-safe.
class ConnectionTable {
 public:
  enum class Phase { kWaiting, kAnswering, kSending };

  /// One connection's place, given back with it. Borrows the table.
  class Place {
   public:
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    const Poco::Net::StreamSocket& Socket() const { return socket_; }
    void Enter(Phase phase);

   private:
    friend class ConnectionTable;
    Place(ConnectionTable& table, const Poco::Net::StreamSocket& socket)
        : table_(table), socket_(socket) {}

    ConnectionTable& table_;
    Poco::Net::StreamSocket socket_;
    Phase phase_ = Phase::kWaiting;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
    bool sent_away_ = false;
  };

  explicit ConnectionTable(std::size_t most) : most_(most) {}

  /// Null when there is no room and nobody can be sent away, and behind CloseAll().
  std::shared_ptr<Place> Admit(const Poco::Net::StreamSocket& socket);
  /// Shuts every socket down and admits nobody any more.
  void CloseAll();
  std::size_t Size() const;

 private:
  /// Sends one away. False when all are being answered. REQUIRES: the mutex is held.
  bool MakeRoom();
  static void SendAway(Place& place);

  mutable std::mutex mutex_;
  std::size_t most_;
  std::size_t staying_ = 0;  ///< Those that were not sent away.
  std::list<Place*> places_;
  bool closed_ = false;
};

}  // namespace acronis::exporter::http
