#pragma once

#include <memory>
#include <vector>

#include <Poco/Net/ServerSocket.h>

#include "exporter/web/http/connection.h"
#include "exporter/web/http/limits.h"

namespace acronis::exporter::http {

/// Serves HTTP/1.x on `sockets` from the constructor to the destructor, which cuts open connections
/// and waits for the handler, not for clients.
///
/// One thread a connection, from a pool: a client that sends or reads slowly holds up nobody but
/// itself. When there are too many, ConnectionTable says who goes.
class HttpServer {
 public:
  struct Parts {
    std::shared_ptr<const StreamMaker> streams;
    Handler handler;
    Limits limits{};
  };

  /// REQUIRES: the sockets listen.
  HttpServer(std::vector<Poco::Net::ServerSocket> sockets, Parts parts);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  const std::vector<Poco::Net::ServerSocket>& Sockets() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace acronis::exporter::http
