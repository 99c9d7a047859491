#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <openssl/ssl.h>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/URI.h>

#include "plugin/api/poco_transport.h"
#include "tests/bench/fetching.h"
#include "tests/bench/measure.h"
#include "tests/bench/page_files.h"

namespace acronis::bench {
namespace {

constexpr std::string_view kPath = "/api/task_manager/v2/tasks?";

/// What the client asks for, once the first page was read.
std::string TargetOf(std::size_t page) {
  return std::string(kPath) + (page == 0 ? "state=completed&order=asc(completedAt)&limit=500"
                                         : "limit=500&after=" + PageName(page));
}

/// Reads all pages with `read`, which returns the length of a body. The first page is read once
/// more before, so that connecting is not measured.
void Measure(std::size_t pages, const std::function<std::size_t(const std::string&)>& read) {
  read(TargetOf(0));
  std::size_t bytes = 0;
  Meter meter;
  meter.Measure([&] {
    for (std::size_t page = 0; page < pages; ++page) {
      bytes += read(TargetOf(page));
    }
  });
  std::printf("read_cpu_s %.6f\nread_wall_s %.6f\nbytes %zu\n", meter.CpuMicroseconds() / 1e6,
              meter.WallSeconds(), bytes);
}

[[noreturn]] void Fail(const std::string& what) {
  throw std::runtime_error("raw reader: " + what);
}

/// The least that reads pages over TLS: blocking, trusting that the server answers as it should.
class RawReader {
 public:
  explicit RawReader(const ServerOptions& server)
      : uri_(server.base_url),
        socket_(Poco::Net::SocketAddress(uri_.getHost(), uri_.getPort())),
        context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        buffer_(std::size_t{4} << 20U) {
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_load_verify_locations(context_.get(), server.ca_file.c_str(), nullptr);
    SSL_CTX_set_read_ahead(context_.get(), 1);
    ssl_ = {SSL_new(context_.get()), SSL_free};
    SSL_set_fd(ssl_.get(), socket_.impl()->sockfd());
    if (SSL_connect(ssl_.get()) != 1) {
      Fail("no handshake");
    }
  }

  std::size_t Read(const std::string& target) {
    const std::string request =
        "GET " + target + " HTTP/1.1\r\nHost: " + uri_.getAuthority() + "\r\n\r\n";
    if (SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size())) <= 0) {
      Fail("cannot write");
    }
    std::size_t filled = 0;
    std::size_t whole = buffer_.size();
    std::size_t head = 0;
    while (filled < whole) {
      const int count =
          SSL_read(ssl_.get(), buffer_.data() + filled, static_cast<int>(buffer_.size() - filled));
      if (count <= 0) {
        Fail("cannot read");
      }
      filled += static_cast<std::size_t>(count);
      if (head == 0) {
        head = EndOfHead(filled);
        whole = head == 0 ? whole : head + Length();
      }
    }
    return whole - head;
  }

 private:
  std::size_t EndOfHead(std::size_t filled) const {
    const auto end = std::string_view(buffer_.data(), filled).find("\r\n\r\n");
    return end == std::string_view::npos ? 0 : end + 4;
  }
  std::size_t Length() const {
    constexpr std::string_view kName = "Content-Length: ";
    const std::string_view text(buffer_.data(), buffer_.size());
    const auto found = text.find(kName);
    if (!text.starts_with("HTTP/1.1 200") || found == std::string_view::npos) {
      Fail("no page");
    }
    return std::strtoul(buffer_.data() + found + kName.size(), nullptr, 10);
  }

  Poco::URI uri_;
  Poco::Net::StreamSocket socket_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
  std::vector<char> buffer_;
};

}  // namespace

void Download(const ServerOptions& server, std::size_t pages) {
  api::TransportOptions options;
  options.base_url = server.base_url;
  options.ca_file = server.ca_file;
  options.user_agent = "fetch_bench";
  const auto transport = api::MakePocoTransport(options);
  if (!transport) {
    throw std::runtime_error(transport.error().message);
  }
  const std::stop_token never;
  Measure(pages, [&](const std::string& target) {
    api::HttpRequest request;
    request.target = target;
    request.headers = {{"Authorization", "Bearer nobody-looks"}, {"Accept", "application/json"}};
    const auto response = (*transport)->Send(request, never);
    if (!response || response->status != 200) {
      throw std::runtime_error(response ? "not a page" : response.error().message);
    }
    return response->body.size();
  });
}

void DownloadRaw(const ServerOptions& server, std::size_t pages) {
  RawReader reader(server);
  Measure(pages, [&](const std::string& target) { return reader.Read(target); });
}

}  // namespace acronis::bench
