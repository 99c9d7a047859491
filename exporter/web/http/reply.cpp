#include "exporter/web/http/reply.h"

#include <array>

#include <Poco/String.h>

namespace acronis::exporter::http {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 16> kPhrases = {{
    {kOk, "OK"},
    {400, "Bad Request"},
    {kUnauthorized, "Unauthorized"},
    {kForbidden, "Forbidden"},
    {kNotFound, "Not Found"},
    {kMethodNotAllowed, "Method Not Allowed"},
    {kRequestTimeout, "Request Timeout"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {417, "Expectation Failed"},
    {kTooManyRequests, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {kInternalError, "Internal Server Error"},
    {501, "Not Implemented"},
    {kUnavailable, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
}};

void AppendField(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  head += value;
  head += "\r\n";
}

}  // namespace

Body::Body(std::string text) {
  auto owned = std::make_shared<const std::string>(std::move(text));
  pieces_.emplace_back(*owned);
  owner_ = std::move(owned);
}

std::size_t Body::Size() const {
  std::size_t size = 0;
  for (const std::string_view piece : pieces_) {
    size += piece.size();
  }
  return size;
}

void Reply::Replace(const std::string& name, const std::string& value) {
  std::erase_if(fields,
                [&name](const auto& field) { return Poco::icompare(field.first, name) == 0; });
  Set(name, value);
}

Reply TextReply(int status, std::string_view text) {
  Reply reply{.status = status, .body = Body(std::string(text) + '\n')};
  reply.Set("Content-Type", "text/plain; charset=utf-8");
  reply.Set("X-Content-Type-Options", "nosniff");
  return reply;
}

std::string_view ReasonPhrase(int status) {
  for (const auto& [known, phrase] : kPhrases) {
    if (known == status) {
      return phrase;
    }
  }
  return "Unknown";
}

std::string WriteHead(const Reply& reply, std::string_view date, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + ' ';
  head += ReasonPhrase(reply.status);
  head += "\r\n";
  AppendField(head, "Date", date);
  for (const auto& [name, value] : reply.fields) {
    AppendField(head, name, value);
  }
  AppendField(head, "Content-Length", std::to_string(reply.body.Size()));
  AppendField(head, "Connection", keep_alive ? "keep-alive" : "close");
  head += "\r\n";
  return head;
}

}  // namespace acronis::exporter::http
