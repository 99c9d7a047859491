#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/api/gzip_inflater.h"
#include "plugin/api/transport.h"
#include "plugin/core/result.h"

namespace acronis::api {

/// Reads one HTTP/1.x response, complete or not at all.
///
/// Poco's session hands out a cut body as if it were whole, and its time-outs bound a read, not
/// a response; so the framing is read here and only the header is parsed by Poco. A body
/// ends where Content-Length, the last chunk or an orderly close says; anything
/// else (cut, too large, malformed, something behind the end) is kInvalidResponse.
/// A body in gzip is unpacked while it is read and any other Content-Encoding, two of them too,
/// refused; lengths in the framing are of what is sent, `body_bytes` bounds that and what it
/// unpacks to. An empty body is empty whatever its encoding.
/// One response each; one thread at a time.
class ResponseReader {
 public:
  struct Limits {
    std::size_t header_bytes;
    std::size_t body_bytes;
  };

  /// Where the bytes come from.
  struct Source {
    /// Reads at least one byte, at most `size`; 0 when the peer has ended its sending in good
    /// order.
    std::function<Result<std::size_t>(char* buffer, std::size_t size)> read;
    std::string peer;  ///< Named in messages.
  };

  ResponseReader(Source source, Limits limits);

  Result<HttpResponse> Read();
  /// The answer of a proxy to CONNECT: a header, behind which the peer's bytes begin.
  Result<HttpResponse> ReadConnectAnswer();

  /// A byte of the response arrived.
  bool Started() const { return started_; }
  /// Body bytes taken from the source so far, as they were sent; of use after an error too.
  std::size_t Received() const { return received_; }
  /// The connection can carry another request.
  bool KeepAlive() const { return keep_alive_; }

 private:
  /// Reads more into the buffer; false at the end of the stream.
  Result<bool> Fill();
  /// The same, but a connection that breaks is an end too.
  Result<bool> FillUnlessBroken();
  /// `where` says what is missing if the stream ends here.
  Status FillIfEmpty(const std::string& where);
  Result<std::string> ReadHead();
  Result<HttpResponse> ParseHead(const std::string& head);
  Status ReadBody(HttpResponse& response);
  Status ChooseCoding(const HttpResponse& response);
  Status ReadFramed(HttpResponse& response);
  /// Moves up to `count` of what is buffered into the body, unpacked.
  Status Take(std::size_t count, std::string& body);
  Status ReadLength(std::size_t length, std::string& body);
  Status ReadChunks(std::string& body);
  Status ReadChunk(std::size_t size, std::string& body);
  Status ReadTrailers();
  Status ReadToEnd(std::string& body);
  Result<std::string> ReadLine();
  std::string_view Buffered() const;
  Error Malformed(const std::string& problem) const;
  /// How the end of the stream in the middle of something is reported.
  Error Cut(const std::string& where) const;
  Error TooLarge() const;

  Source source_;
  Limits limits_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  ///< What is read but not used: [begin_, end_).
  std::size_t end_ = 0;
  std::optional<GzipInflater> inflater_;  ///< None for a plain body.
  std::size_t received_ = 0;
  bool started_ = false;
  bool keep_alive_ = false;
};

}  // namespace acronis::api
