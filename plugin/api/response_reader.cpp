#include "plugin/api/response_reader.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <sstream>
#include <utility>

#include <Poco/Net/HTTPResponse.h>
#include <Poco/String.h>

namespace acronis::api {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::size_t kMaxShownValue = 32;
/// The parser of pages wants this much room behind the text, or it copies.
constexpr std::size_t kPadding = 64;

/// One past the empty line that ends a header, 0 if it is not there yet. What ended before
/// `from` was looked at before.
std::size_t EndOfHead(std::string_view text, std::size_t from) {
  const auto start = from < 3 ? 0 : from - 3;
  const auto strict = text.find("\r\n\r\n", start);
  const auto lenient = text.find("\n\n", start);
  if (strict == std::string_view::npos && lenient == std::string_view::npos) {
    return 0;
  }
  return strict < lenient ? strict + 4 : lenient + 2;
}

/// The three digits behind `HTTP/1.x `, 100 at least. Poco keeps the status in an enum that has no
/// room for the odd ones that proxies send (520).
std::optional<int> StatusOf(std::string_view head) {
  constexpr std::size_t kDigits = 3;
  const auto start = head.find_first_not_of(' ', std::string_view("HTTP/1.1").size());
  const auto end = head.find_first_of(" \r\n", start);
  int status = 0;
  if (start == std::string_view::npos || end != start + kDigits ||
      std::from_chars(head.data() + start, head.data() + end, status).ptr != head.data() + end) {
    return std::nullopt;
  }
  return status >= 100 ? std::optional(status) : std::nullopt;
}

std::optional<std::size_t> ParseSize(std::string_view text, int base) {
  std::size_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, value, base);
  const bool whole = !text.empty() && problem == std::errc() && stopped == end;
  return whole ? std::optional(value) : std::nullopt;
}

bool HasNoBody(int status) {
  return status == 204 || status == 304;
}

bool IsInterim(int status) {
  return status >= 100 && status < 200 && status != 101;
}

/// The one value of Content-Length; empty when there is none, an error text when it is not
/// one length.
struct AnnouncedLength {
  std::optional<std::size_t> length{};
  std::string problem{};
};

AnnouncedLength LengthOf(const HttpResponse& response) {
  AnnouncedLength announced;
  for (const auto& [name, value] : response.headers) {
    if (Poco::icompare(name, "Content-Length") != 0) {
      continue;
    }
    const auto length = ParseSize(Poco::trim(value), 10);
    if (!length || (announced.length && *announced.length != *length)) {
      announced.problem = "Content-Length is '" + value.substr(0, kMaxShownValue) + "'";
      return announced;
    }
    announced.length = length;
  }
  return announced;
}

/// All values of a header as one list, in lower case; empty ones do not count.
std::string ListOf(const HttpResponse& response, const std::string& header) {
  std::string list;
  for (const auto& [name, value] : response.headers) {
    const std::string item = Poco::toLower(Poco::trim(value));
    if (Poco::icompare(name, header) == 0 && !item.empty()) {
      list += (list.empty() ? "" : ", ") + item;
    }
  }
  return list;
}

}  // namespace

ResponseReader::ResponseReader(Source source, Limits limits)
    : source_(std::move(source)), limits_(limits), buffer_(kBufferBytes) {}

Result<HttpResponse> ResponseReader::Read() {
  for (;;) {
    const auto head = ReadHead();
    if (!head) {
      return head.error();
    }
    auto response = ParseHead(*head);
    if (!response) {
      return response;
    }
    if (IsInterim(response->status)) {
      continue;
    }
    if (auto body = ReadBody(*response); !body) {
      return std::move(body).error();
    }
    if (!Buffered().empty()) {
      return Malformed("there is something behind its end");
    }
    return response;
  }
}

Result<HttpResponse> ResponseReader::ReadConnectAnswer() {
  const auto head = ReadHead();
  if (!head) {
    return head.error();
  }
  auto response = ParseHead(*head);
  if (response && response->status == 200 && !Buffered().empty()) {
    return Malformed("there is something behind the answer to CONNECT");
  }
  return response;
}

Result<bool> ResponseReader::Fill() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
  }
  if (end_ == buffer_.size()) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.end(),
              buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  const auto count = source_.read(buffer_.data() + end_, buffer_.size() - end_);
  if (!count) {
    return count.error();
  }
  end_ += *count;
  started_ = started_ || *count > 0;
  return *count > 0;
}

Result<bool> ResponseReader::FillUnlessBroken() {
  auto more = Fill();
  const bool broken = !more && more.error().kind == ErrorKind::kNetwork;
  return broken ? Result<bool>(false) : more;
}

Result<std::string> ResponseReader::ReadHead() {
  std::string head;
  std::size_t end = 0;
  while (end == 0) {
    if (auto more = FillIfEmpty(head.empty() ? "without an answer" : "in the middle of a header");
        !more) {
      return std::move(more).error();
    }
    const std::size_t before = head.size();
    head += Buffered();
    end = EndOfHead(head, before);
    const std::size_t used = end == 0 ? Buffered().size() : end - before;
    begin_ += used;
    head.resize(before + used);
    if (head.size() > limits_.header_bytes) {
      return Malformed("its header is larger than " + std::to_string(limits_.header_bytes) +
                       " bytes");
    }
  }
  return head;
}

Status ResponseReader::FillIfEmpty(const std::string& where) {
  if (!Buffered().empty()) {
    return Ok{};
  }
  const auto more = Fill();
  if (!more) {
    return more.error();
  }
  if (!*more) {
    return Error{ErrorKind::kNetwork, source_.peer + " closed the connection " + where};
  }
  return Ok{};
}

Result<HttpResponse> ResponseReader::ParseHead(const std::string& head) {
  if (!head.starts_with("HTTP/1.")) {
    return Malformed("it is not HTTP/1.x");
  }
  try {
    std::istringstream in(head);
    Poco::Net::HTTPResponse parsed;
    parsed.read(in);
    HttpResponse response;
    const auto status = StatusOf(head);
    if (!status) {
      return Malformed("its status is malformed");
    }
    response.status = *status;
    response.headers.assign(parsed.begin(), parsed.end());
    keep_alive_ = parsed.getKeepAlive();
    return response;
  } catch (const std::exception&) {
    return Malformed("its header is malformed");
  }
}

Status ResponseReader::ReadBody(HttpResponse& response) {
  if (HasNoBody(response.status)) {
    return Ok{};
  }
  if (auto known = ChooseCoding(response); !known) {
    return known;
  }
  if (auto read = ReadFramed(response); !read) {
    return read;
  }
  if (inflater_ && received_ > 0) {
    if (const auto ended = inflater_->Finish(); !ended) {
      return Malformed(ended.error().message);
    }
  }
  return Ok{};
}

Status ResponseReader::ChooseCoding(const HttpResponse& response) {
  const std::string coding = ListOf(response, "Content-Encoding");
  if (coding == "gzip" || coding == "x-gzip") {
    inflater_.emplace(limits_.body_bytes);
  } else if (!coding.empty() && coding != "identity") {
    return Malformed("its Content-Encoding is '" + coding.substr(0, kMaxShownValue) +
                     "', which nobody asked for");
  }
  return Ok{};
}

Status ResponseReader::ReadFramed(HttpResponse& response) {
  const std::string transfer = ListOf(response, "Transfer-Encoding");
  const auto [length, problem] = LengthOf(response);
  if (!problem.empty()) {
    return Malformed(problem);
  }
  if (!transfer.empty()) {
    const bool chunked = transfer == "chunked" && !length;
    return chunked ? ReadChunks(response.body) : Status(Malformed("its framing is ambiguous"));
  }
  return length ? ReadLength(*length, response.body) : ReadToEnd(response.body);
}

Status ResponseReader::Take(std::size_t count, std::string& body) {
  const auto piece = Buffered().substr(0, count);
  begin_ += piece.size();
  received_ += piece.size();
  if (!inflater_) {
    body += piece;
    return Ok{};
  }
  const auto unpacked = inflater_->Add(piece, body);
  return unpacked ? unpacked : Malformed(unpacked.error().message);
}

Status ResponseReader::ReadLength(std::size_t length, std::string& body) {
  if (received_ > limits_.body_bytes || length > limits_.body_bytes - received_) {
    return TooLarge();
  }
  const std::size_t goal = received_ + length;
  if (!inflater_) {
    body.reserve(goal + kPadding);
  }
  for (;;) {
    if (auto taken = Take(goal - received_, body); !taken || received_ == goal) {
      return taken;
    }
    const auto more = FillUnlessBroken();
    if (!more) {
      return more.error();
    }
    if (!*more) {
      return Cut(std::to_string(received_) + " of " + std::to_string(goal) + " bytes");
    }
  }
}

Status ResponseReader::ReadChunks(std::string& body) {
  for (;;) {
    const auto line = ReadLine();
    if (!line) {
      return line.error();
    }
    const auto size = ParseSize(Poco::trim(line->substr(0, line->find(';'))), 16);
    if (!size) {
      return Malformed("a chunk has no size");
    }
    if (*size == 0) {
      return ReadTrailers();
    }
    if (auto chunk = ReadChunk(*size, body); !chunk) {
      return chunk;
    }
  }
}

Status ResponseReader::ReadChunk(std::size_t size, std::string& body) {
  if (auto data = ReadLength(size, body); !data) {
    return data;
  }
  const auto end = ReadLine();
  if (!end) {
    return end.error();
  }
  return end->empty() ? Status(Ok{}) : Malformed("a chunk is longer than its size");
}

Status ResponseReader::ReadTrailers() {
  std::size_t total = 0;
  for (;;) {
    const auto line = ReadLine();
    if (!line) {
      return line.error();
    }
    total += line->size();
    if (total > limits_.header_bytes) {
      return Malformed("its trailer is too large");
    }
    if (line->empty()) {
      return Ok{};
    }
  }
}

Status ResponseReader::ReadToEnd(std::string& body) {
  keep_alive_ = false;
  for (;;) {
    if (received_ + Buffered().size() > limits_.body_bytes) {
      return TooLarge();
    }
    if (auto taken = Take(Buffered().size(), body); !taken) {
      return taken;
    }
    const auto more = Fill();
    if (!more) {
      return more.error().kind == ErrorKind::kNetwork ? Cut(std::to_string(received_) + " bytes")
                                                      : more.error();
    }
    if (!*more) {
      return Ok{};
    }
  }
}

Result<std::string> ResponseReader::ReadLine() {
  std::string line;
  for (;;) {
    const auto end = Buffered().find('\n');
    const auto piece = Buffered().substr(0, end);
    line += piece;
    begin_ += piece.size();
    if (end != std::string_view::npos) {
      ++begin_;
      line.erase(line.find_last_not_of('\r') + 1);
      return line;
    }
    if (line.size() > kMaxLineBytes) {
      return Malformed("a line between its chunks is too long");
    }
    const auto more = FillUnlessBroken();
    if (!more) {
      return more.error();
    }
    if (!*more) {
      return Cut("a chunk");
    }
  }
}

std::string_view ResponseReader::Buffered() const {
  return {buffer_.data() + begin_, end_ - begin_};
}

Error ResponseReader::Malformed(const std::string& problem) const {
  return {ErrorKind::kInvalidResponse, "answer of " + source_.peer + ": " + problem};
}

Error ResponseReader::Cut(const std::string& where) const {
  return Malformed("the connection broke after " + where + " of its body");
}

Error ResponseReader::TooLarge() const {
  return Malformed("its body is larger than " + std::to_string(limits_.body_bytes) + " bytes");
}

}  // namespace acronis::api
