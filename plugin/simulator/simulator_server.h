#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "plugin/simulator/simulator.h"

namespace acronis::simulator {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one.
  bool tls = true;
  /// Where `ca.pem`, `server.pem` and `server.key` are written; made if it does not exist.
  /// REQUIRES: not empty when `tls`.
  std::filesystem::path directory{};
  /// The control endpoint, always plain HTTP; loopback addresses only.
  bool control = false;
  std::string control_address = "127.0.0.1";
  std::uint16_t control_port = 0;
};

/// Serves a Simulator over HTTP or HTTPS, and carries out the faults of the wire.
///
/// Makes a CA and a certificate for localhost, 127.0.0.1 and ::1 of its own at
/// every start. The constructor returns when the port is bound; it throws
/// std::runtime_error naming the address or file that failed. The destructor
/// aborts open connections and joins its threads at once. Borrows the simulator.
class SimulatorServer {
 public:
  SimulatorServer(Simulator& simulator, const ServerOptions& options);
  ~SimulatorServer();
  SimulatorServer(const SimulatorServer&) = delete;
  SimulatorServer& operator=(const SimulatorServer&) = delete;

  std::uint16_t Port() const;
  /// `https://ADDRESS:PORT` with the bound address; every address of the machine: `localhost`.
  std::string BaseUrl() const;
  /// PEM file of the CA; empty without TLS.
  std::filesystem::path CaFile() const;
  /// `http://127.0.0.1:PORT`; empty without a control endpoint.
  std::string ControlUrl() const;
  /// Number of connections accepted so far.
  std::uint64_t Connections() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace acronis::simulator
