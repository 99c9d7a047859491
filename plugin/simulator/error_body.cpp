#include "plugin/simulator/error_body.h"

#include <Poco/Net/HTTPResponse.h>

#include "plugin/simulator/text_format.h"

namespace acronis::simulator {

namespace {

std::string FlatBody(std::string_view code, std::string_view message) {
  return R"({"domain":"TaskManager","code":)" + JsonString(code) + R"(,"message":)" +
         JsonString(message) + '}';
}

std::string StyledBody(int status, std::string_view code, std::string_view message,
                       ErrorBodyStyle style) {
  const std::string text = JsonString(message);
  switch (style) {
    case ErrorBodyStyle::kWrapped:
      return R"({"error":)" + FlatBody(code, message) + '}';
    case ErrorBodyStyle::kFlat:
      return FlatBody(code, message);
    case ErrorBodyStyle::kPlatform:
      return R"({"error":{"code":1006,"message":)" + text + R"(,"details":{"info":)" + text +
             R"(,"addition":[{"id":"1415032"}]},"context":{"id":"1415032"},"domain":"PlatformAccountServer"}})";
    case ErrorBodyStyle::kStorageManager:
      return R"({"domain":"STORAGE_MANAGER","code":")" + std::to_string(status) + R"(","reason":)" +
             JsonString(code) + R"(,"debug":{"msg":)" + text + R"(},"message":)" + text + '}';
    case ErrorBodyStyle::kHtml:
      return HtmlPage(status);
    case ErrorBodyStyle::kEmpty:
      return {};
  }
  return {};
}

}  // namespace

Reply JsonReply(std::string body) {
  return {200, {{"Content-Type", "application/json"}}, std::move(body), {}};
}

Reply ErrorReply(int status, std::string_view code, std::string_view message,
                 ErrorBodyStyle style) {
  Reply reply = JsonReply(StyledBody(status, code, message, style));
  reply.status = status;
  if (style == ErrorBodyStyle::kHtml) {
    SetHeader(reply.headers, "Content-Type", "text/html");
  }
  return reply;
}

std::string HtmlPage(int status) {
  const std::string title = std::to_string(status) + ' ' +
                            Poco::Net::HTTPResponse::getReasonForStatus(
                                static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status));
  return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
         "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
}

}  // namespace acronis::simulator
