#pragma once

#include <functional>
#include <memory>

#include "exporter/web/http/byte_stream.h"
#include "exporter/web/http/connection_table.h"
#include "exporter/web/http/limits.h"
#include "exporter/web/http/reply.h"
#include "exporter/web/http/request.h"

namespace acronis::exporter::http {

/// Answers one request; called by many threads. What it throws is answered with 500.
using Handler = std::function<Reply(const Request&)>;

/// Talks HTTP/1.x on one connection until it ends: requests one behind the other, kept alive and
/// pipelined as the client likes. Returns when nothing more will come. Never throws.
///
/// A request that cannot be read is answered with its status and ends the connection, as does one
/// whose body is not dropped here.
void ServeConnection(const std::shared_ptr<ConnectionTable::Place>& place, const StreamMaker& maker,
                     const Handler& handler, const Limits& limits);

}  // namespace acronis::exporter::http
