#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <Poco/Net/StreamSocket.h>

namespace acronis::exporter::http {

/// A moment at which patience ends: one for a whole operation, however many steps it takes.
using Deadline = std::chrono::steady_clock::time_point;

/// The bytes of one connection, plain or inside TLS. One thread at a time; any call ends early when
/// another thread shuts the socket down.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// At least one byte, 0 when the peer has ended its sending. Empty: it broke, or the deadline
  /// has passed.
  virtual std::optional<std::size_t> Read(std::span<char> into, Deadline deadline) = 0;
  /// True when all of `pieces` was handed to the network in time.
  virtual bool Write(std::span<const std::string_view> pieces, Deadline deadline) = 0;
  /// Tells the peer that nothing more will come.
  virtual void EndSending(Deadline deadline) = 0;
};

/// Makes the stream of an accepted connection, which may mean to shake hands first. Used by many
/// threads.
class StreamMaker {
 public:
  virtual ~StreamMaker() = default;
  /// Null when the peer is not to be talked to; it has been told as far as it can be.
  virtual std::unique_ptr<ByteStream> Make(const Poco::Net::StreamSocket& socket,
                                           Deadline deadline) const = 0;
};

/// The bytes as they come.
class PlainStreamMaker final : public StreamMaker {
 public:
  std::unique_ptr<ByteStream> Make(const Poco::Net::StreamSocket& socket,
                                   Deadline deadline) const override;
};

/// Waits until `socket` can be read from or written to (`events` of poll()). False: not before the
/// deadline.
bool WaitFor(const Poco::Net::StreamSocket& socket, short events, Deadline deadline);

/// Ends the connection so that the peer gets what was sent last: what it still sends is read and
/// dropped for a moment, as the kernel would else throw the reply away.
void Farewell(ByteStream& stream);

}  // namespace acronis::exporter::http
