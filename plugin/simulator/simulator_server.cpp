#include "plugin/simulator/simulator_server.h"

#include <map>
#include <openssl/ssl.h>
#include <optional>
#include <stdexcept>
#include <string>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/IPAddress.h>

#include "plugin/simulator/certificate.h"
#include "plugin/simulator/control_endpoint.h"
#include "plugin/simulator/http_listener.h"

namespace acronis::simulator {

namespace {

using Poco::Net::Context;

Context::Ptr ServerContext(const std::filesystem::path& key,
                           const std::filesystem::path& certificate) {
  Context::Params parameters;
  parameters.privateKeyFile = key.string();
  parameters.certificateFile = certificate.string();
  parameters.verificationMode = Context::VERIFY_NONE;
  parameters.loadDefaultCAs = false;
  try {
    Context::Ptr context(new Context(Context::TLS_SERVER_USE, parameters));
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return context;
  } catch (const Poco::Exception& error) {
    throw std::runtime_error("cannot use " + certificate.string() + ": " + error.displayText());
  }
}

/// OpenSSL must be talked into speaking a protocol this old.
void AllowOnlyTls11(Context& context) {
  SSL_CTX_set_security_level(context.sslContext(), 0);
  SSL_CTX_set_min_proto_version(context.sslContext(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.sslContext(), TLS1_1_VERSION);
}

/// OpenSSL must be talked into showing a key this small.
void ShowWeakKey(Context& context, const std::filesystem::path& certificate_and_key) {
  SSL_CTX_set_security_level(context.sslContext(), 0);
  const std::string file = certificate_and_key.string();
  if (SSL_CTX_use_certificate_file(context.sslContext(), file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.sslContext(), file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot use " + file);
  }
}

/// The TLS of a server: right, and wrong in every way of kTlsFlaws.
class TlsFaces {
 public:
  explicit TlsFaces(const CertificateFiles& files)
      : right_(ServerContext(files.key, files.certificate)) {
    for (const auto& [flaw, certificate] : files.flawed) {
      flawed_[flaw] = ServerContext(files.key, certificate);
    }
    flawed_["tls11"] = ServerContext(files.key, files.certificate);
    AllowOnlyTls11(*flawed_["tls11"]);
    flawed_["weak_key"] = ServerContext({}, {});
    ShowWeakKey(*flawed_["weak_key"], files.weak);
    flawed_["plain"] = nullptr;
  }

  const Context::Ptr& Show(const std::optional<Fault>& fault) const {
    return fault ? flawed_.at(fault->value) : right_;
  }

 private:
  Context::Ptr right_;
  std::map<std::string, Context::Ptr> flawed_;
};

/// The address as numbers; throws std::runtime_error for anything else.
Poco::Net::IPAddress ParseAddress(const std::string& address) {
  Poco::Net::IPAddress parsed;
  if (!Poco::Net::IPAddress::tryParse(address == "localhost" ? "127.0.0.1" : address, parsed)) {
    throw std::runtime_error("'" + address + "' is not an IP address");
  }
  return parsed;
}

std::string UrlHost(const Poco::Net::IPAddress& address) {
  if (address.isWildcard()) {
    return "localhost";
  }
  return address.family() == Poco::Net::IPAddress::IPv6 ? '[' + address.toString() + ']'
                                                        : address.toString();
}

}  // namespace

class SimulatorServer::State {
 public:
  State(Simulator& simulator, const ServerOptions& options)
      : address(ParseAddress(options.address)) {
    HttpListener::Options listening;
    listening.address = address.toString();
    listening.port = options.port;
    if (options.tls) {
      files = MakeCertificates(options.directory, address.toString());
      faces.emplace(*files);
    }
    listening.welcome = [this, &simulator] { return Meet(simulator); };
    listener.emplace(std::move(listening),
                     [&simulator](const Request& request) { return simulator.Handle(request); });
    if (options.control) {
      StartControl(simulator, options);
    }
  }

  const Poco::Net::IPAddress address;
  std::string control_url;
  std::optional<CertificateFiles> files;
  std::optional<TlsFaces> faces;
  std::optional<HttpListener> listener;
  std::optional<HttpListener> control;

 private:
  Welcome Meet(Simulator& simulator) const {
    FaultBoard& board = simulator.Faults();
    const bool refused = board.StrikeConnection("refuse").has_value();
    simulator.Traffic().NoteConnection(refused);
    if (refused) {
      return {.reset = true};
    }
    return {.tls = faces ? faces->Show(board.StrikeConnection("tls")) : nullptr};
  }

  void StartControl(Simulator& simulator, const ServerOptions& options) {
    const Poco::Net::IPAddress where = ParseAddress(options.control_address);
    if (!where.isLoopback()) {
      throw std::runtime_error("the control endpoint listens on loopback addresses only, not on " +
                               options.control_address);
    }
    HttpListener::Options listening;
    listening.address = where.toString();
    listening.port = options.control_port;
    control.emplace(std::move(listening), [this, &simulator](const Request& request) {
      return HandleControl(simulator, request, [this] { listener->HangUp(); });
    });
    control_url = "http://" + UrlHost(where) + ':' + std::to_string(control->Port());
  }
};

SimulatorServer::SimulatorServer(Simulator& simulator, const ServerOptions& options)
    : state_(std::make_unique<State>(simulator, options)) {}

SimulatorServer::~SimulatorServer() = default;

std::uint16_t SimulatorServer::Port() const {
  return state_->listener->Port();
}

std::string SimulatorServer::BaseUrl() const {
  return (state_->files ? "https://" : "http://") + UrlHost(state_->address) + ':' +
         std::to_string(Port());
}

std::filesystem::path SimulatorServer::CaFile() const {
  return state_->files ? state_->files->ca : std::filesystem::path();
}

std::string SimulatorServer::ControlUrl() const {
  return state_->control_url;
}

std::uint64_t SimulatorServer::Connections() const {
  return state_->listener->Connections();
}

}  // namespace acronis::simulator
