#include "plugin/api/poco_transport.h"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <exception>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <Poco/Net/HTTPMessage.h>
#include <Poco/Net/HTTPRequest.h>

#include "plugin/api/basic_auth.h"
#include "plugin/api/connection.h"
#include "plugin/api/patience.h"
#include "plugin/api/response_reader.h"
#include "plugin/api/server_address.h"

namespace acronis::api {
namespace {

/// OpenSSL writes to sockets without MSG_NOSIGNAL. A library cannot ask its host to ignore
/// SIGPIPE, so the signal is held back on this thread and dropped if it came.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending{};
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeGuard() {
    constexpr timespec kNoWait = {0, 0};
    if (!was_pending_) {
      sigtimedwait(&pipe_, nullptr, &kNoWait);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

/// Borrows both.
ResponseReader::Source SourceOf(Connection& connection, const Patience& patience) {
  return {[&](char* buffer, std::size_t size) { return connection.Read(buffer, size, patience); },
          connection.Peer()};
}

class PocoTransport final : public HttpTransport {
 public:
  PocoTransport(TransportOptions options, ServerAddress server, std::optional<ProxyAddress> proxy,
                Poco::Net::Context::Ptr tls)
      : options_(std::move(options)),
        server_(std::move(server)),
        proxy_(std::move(proxy)),
        tls_(std::move(tls)) {}

  Result<HttpResponse> Send(const HttpRequest& request, const std::stop_token& stop) override;
  std::size_t Received() const override { return received_; }

 private:
  /// The answer, and whether a byte of it ever arrived.
  struct Attempt {
    Result<HttpResponse> response;
    bool answered = false;
  };

  Result<HttpResponse> SendWithin(const HttpRequest& request, const Patience& patience);
  Status Connect(const Patience& patience);
  Status AskProxy(Connection& connection, const Patience& patience) const;
  Attempt Exchange(const HttpRequest& request, const Patience& patience);
  std::string Serialize(const HttpRequest& request) const;
  ResponseReader::Limits Limits() const {
    return {options_.max_header_bytes, options_.max_body_bytes};
  }

  TransportOptions options_;
  ServerAddress server_;
  std::optional<ProxyAddress> proxy_;
  Poco::Net::Context::Ptr tls_;  ///< Null for plain http.
  Interrupt interrupt_;
  std::optional<Connection> connection_;  ///< Kept alive between calls.
  std::size_t received_ = 0;
};

Result<HttpResponse> PocoTransport::Send(const HttpRequest& request, const std::stop_token& stop) {
  const SigpipeGuard guard;
  interrupt_.Reset();
  received_ = 0;
  const std::stop_callback abort(stop, [this] { interrupt_.Trigger(); });
  if (stop.stop_requested()) {
    return Error{ErrorKind::kCancelled, "request to " + server_.HostPort() + ": stopped"};
  }
  const auto timeout =
      std::min(options_.request_timeout, request.timeout.value_or(options_.request_timeout));
  const Patience patience(interrupt_,
                          std::chrono::steady_clock::now() +
                              std::chrono::duration_cast<Patience::Time::duration>(timeout));
  try {
    auto response = SendWithin(request, patience);
    if (!response) {
      connection_.reset();
    }
    return response;
  } catch (const std::exception& problem) {
    connection_.reset();
    return Error{ErrorKind::kNetwork,
                 "request to " + server_.HostPort() + ": " + std::string(problem.what())};
  }
}

Result<HttpResponse> PocoTransport::SendWithin(const HttpRequest& request,
                                               const Patience& patience) {
  if (connection_ && connection_->IsQuiet()) {
    auto attempt = Exchange(request, patience);
    const bool dead = !attempt.response && !attempt.answered &&
                      attempt.response.error().kind == ErrorKind::kNetwork;
    if (!dead) {
      return std::move(attempt.response);
    }
    // The server closed the idle connection while the request was on its way.
    if (options_.on_retry) {
      options_.on_retry();
    }
  }
  connection_.reset();
  if (auto connected = Connect(patience.AtMost(options_.connect_timeout)); !connected) {
    return std::move(connected).error();
  }
  return Exchange(request, patience).response;
}

Status PocoTransport::Connect(const Patience& patience) {
  auto connection = Connection::Open(proxy_ ? proxy_->server : server_, patience);
  if (!connection) {
    return std::move(connection).error();
  }
  if (proxy_) {
    if (auto asked = AskProxy(*connection, patience); !asked) {
      return asked;
    }
  }
  if (!tls_.isNull()) {
    if (auto trusted = connection->StartTls(server_.host, tls_, patience); !trusted) {
      return trusted;
    }
  }
  connection_ = std::move(connection).value();
  return Ok{};
}

Status PocoTransport::AskProxy(Connection& connection, const Patience& patience) const {
  const std::string host = server_.HostPort();
  std::string request = "CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n";
  if (!proxy_->credentials.Empty()) {
    request += "Proxy-Authorization: " + BasicAuthorization(proxy_->credentials.Reveal()) + "\r\n";
  }
  auto written = connection.Write(request + "\r\n", patience);
  WipeString(request);
  if (!written) {
    return written;
  }
  ResponseReader reader(SourceOf(connection, patience), Limits());
  const auto answer = reader.ReadConnectAnswer();
  if (!answer) {
    return answer.error();
  }
  if (answer->status != 200) {
    return Error{ErrorKind::kNetwork, "proxy " + connection.Peer() + " does not connect to " +
                                          host + ": HTTP " + std::to_string(answer->status)};
  }
  return Ok{};
}

PocoTransport::Attempt PocoTransport::Exchange(const HttpRequest& request,
                                               const Patience& patience) {
  std::string text = Serialize(request);
  auto written = connection_->Write(text, patience);
  WipeString(text);
  if (!written) {
    return {std::move(written).error(), false};
  }
  ResponseReader reader(SourceOf(*connection_, patience), Limits());
  Attempt attempt{reader.Read(), reader.Started()};
  received_ += reader.Received();
  if (!reader.KeepAlive() || !options_.keep_alive) {
    connection_.reset();
  }
  return attempt;
}

std::string PocoTransport::Serialize(const HttpRequest& request) const {
  Poco::Net::HTTPRequest message(request.method, server_.path + request.target,
                                 Poco::Net::HTTPMessage::HTTP_1_1);
  message.set("Host", server_.HostHeader());
  message.set("User-Agent", options_.user_agent);
  message.set("Accept-Encoding", "gzip");
  if (!options_.keep_alive) {
    message.setKeepAlive(false);
  }
  for (const auto& [name, value] : request.headers) {
    message.set(name, value);
  }
  if (!request.body.empty()) {
    message.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
  }
  std::ostringstream out;
  message.write(out);
  out << request.body;
  return out.str();
}

}  // namespace

Result<std::unique_ptr<HttpTransport>> MakePocoTransport(TransportOptions options) {
  auto server = ParseBaseUrl(options.base_url, options.plain_http);
  if (!server) {
    return std::move(server).error();
  }
  auto proxy = ChooseProxy(options.proxy_url, options.proxy_environment, *server);
  if (!proxy) {
    return std::move(proxy).error();
  }
  Poco::Net::Context::Ptr tls;
  if (server->tls) {
    auto context = options.identity.cert_file.empty()
                       ? SharedTlsContext(options.ca_file)
                       : OwnTlsContext(options.ca_file, options.identity);
    if (!context) {
      return std::move(context).error();
    }
    tls = *context;
  }
  try {
    return std::unique_ptr<HttpTransport>(std::make_unique<PocoTransport>(
        std::move(options), std::move(server).value(), std::move(proxy).value(), std::move(tls)));
  } catch (const std::system_error& problem) {
    return Error{ErrorKind::kNetwork, std::string("cannot prepare connections: ") + problem.what()};
  }
}

}  // namespace acronis::api
