#include "exporter/web/http/connection_table.h"

#include <array>
#include <memory>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include <Poco/Net/StreamSocketImpl.h>
#include <gtest/gtest.h>

namespace acronis::exporter::http {
namespace {

using Phase = ConnectionTable::Phase;
using Place = std::shared_ptr<ConnectionTable::Place>;

/// Both ends of a connection.
class Pair {
 public:
  Pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
      throw std::runtime_error("no socket pair");
    }
    server_ = Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(ends[0]));
    client_ = ends[1];
  }
  ~Pair() { ::close(client_); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  const Poco::Net::StreamSocket& Server() const { return server_; }
  bool IsOpen() const {
    char byte = 0;
    return ::recv(client_, &byte, 1, MSG_DONTWAIT) != 0;
  }

 private:
  Poco::Net::StreamSocket server_;
  int client_ = -1;
};

TEST(ConnectionTable, SendsWhoWaitsLongestAwayForWhoComes) {
  ConnectionTable table(3);
  const std::array<Pair, 4> pairs;
  const Place first = table.Admit(pairs[0].Server());
  const Place second = table.Admit(pairs[1].Server());
  const Place third = table.Admit(pairs[2].Server());
  first->Enter(Phase::kAnswering);
  first->Enter(Phase::kWaiting);
  ASSERT_NE(table.Admit(pairs[3].Server()), nullptr);
  EXPECT_TRUE(pairs[0].IsOpen()) << "it waits since a moment ago";
  EXPECT_FALSE(pairs[1].IsOpen());
  EXPECT_TRUE(pairs[2].IsOpen());
  EXPECT_TRUE(pairs[3].IsOpen());
}

TEST(ConnectionTable, KeepsWhoIsBeingAnsweredOrHasJustBegunToTakeTheReply) {
  ConnectionTable table(2);
  const std::array<Pair, 4> pairs;
  const Place answered = table.Admit(pairs[0].Server());
  answered->Enter(Phase::kAnswering);
  Place waiting = table.Admit(pairs[1].Server());
  const Place taking = table.Admit(pairs[2].Server());
  ASSERT_NE(taking, nullptr);
  EXPECT_FALSE(pairs[1].IsOpen());
  taking->Enter(Phase::kSending);
  EXPECT_EQ(table.Admit(pairs[3].Server()), nullptr) << "there is nobody to send away";
  EXPECT_TRUE(pairs[0].IsOpen());
  EXPECT_TRUE(pairs[2].IsOpen());
  EXPECT_EQ(table.Size(), 3U) << "who was sent away has not gone yet";
  waiting.reset();
  EXPECT_EQ(table.Size(), 2U);
}

TEST(ConnectionTable, HasThePlaceOfWhoHasGone) {
  ConnectionTable table(1);
  const std::array<Pair, 2> pairs;
  Place place = table.Admit(pairs[0].Server());
  place->Enter(Phase::kAnswering);
  EXPECT_EQ(table.Admit(pairs[1].Server()), nullptr);
  place.reset();
  EXPECT_NE(table.Admit(pairs[1].Server()), nullptr);
}

TEST(ConnectionTable, AdmitsNobodyOnceAllAreSentHome) {
  ConnectionTable table(2);
  const std::array<Pair, 2> pairs;
  const Place place = table.Admit(pairs[0].Server());
  place->Enter(Phase::kAnswering);
  table.CloseAll();
  EXPECT_FALSE(pairs[0].IsOpen());
  EXPECT_EQ(table.Admit(pairs[1].Server()), nullptr);
}

}  // namespace
}  // namespace acronis::exporter::http
