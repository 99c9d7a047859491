#pragma once

#include <memory>

#include "exporter/web/http/byte_stream.h"
#include "exporter/web/web_config_watch.h"

namespace acronis::exporter {

/// Makes TLS streams with the certificates that hold at the moment of each handshake. While the web
/// configuration is broken there are none. Who speaks plain HTTP is told so, as Go does it.
/// Borrows the watch, which speaks TLS.
class TlsStreamMaker final : public http::StreamMaker {
 public:
  explicit TlsStreamMaker(WebConfigWatch& watch) : watch_(watch) {}

  std::unique_ptr<http::ByteStream> Make(const Poco::Net::StreamSocket& socket,
                                         http::Deadline deadline) const override;

 private:
  WebConfigWatch& watch_;
};

}  // namespace acronis::exporter
