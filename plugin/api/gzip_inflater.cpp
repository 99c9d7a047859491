#include "plugin/api/gzip_inflater.h"

#include <new>

namespace acronis::api {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
/// zlib's way of asking for gzip, with the largest window.
constexpr int kGzipWindow = MAX_WBITS + 16;

Error Refuse(std::string problem) {
  return {ErrorKind::kInvalidResponse, std::move(problem)};
}

}  // namespace

GzipInflater::GzipInflater(std::size_t max_bytes) : max_bytes_(max_bytes), buffer_(kBufferBytes) {
  if (inflateInit2(&stream_, kGzipWindow) != Z_OK) {
    throw std::bad_alloc();
  }
}

GzipInflater::~GzipInflater() {
  inflateEnd(&stream_);
}

Status GzipInflater::Add(std::string_view packed, std::string& out) {
  stream_.next_in = reinterpret_cast<const Bytef*>(packed.data());
  stream_.avail_in = static_cast<uInt>(packed.size());
  std::size_t count = buffer_.size();
  while (!ended_ && count == buffer_.size()) {
    const auto step = Step();
    if (!step) {
      return step.error();
    }
    count = *step;
    out.append(buffer_.data(), count);
  }
  return stream_.avail_in == 0 ? Status(Ok{}) : Refuse("there is something behind its gzip stream");
}

Status GzipInflater::Finish() const {
  return ended_ ? Status(Ok{}) : Refuse("its gzip stream is cut");
}

Result<std::size_t> GzipInflater::Step() {
  stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
  stream_.avail_out = static_cast<uInt>(buffer_.size());
  const int code = inflate(&stream_, Z_NO_FLUSH);
  // Z_BUF_ERROR: there was nothing to be done, which is no error.
  if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
    const std::string why = stream_.msg == nullptr ? "" : ": " + std::string(stream_.msg);
    return Refuse("it is not valid gzip" + why);
  }
  ended_ = code == Z_STREAM_END;
  const std::size_t count = buffer_.size() - stream_.avail_out;
  unpacked_ += count;
  if (auto checked = CheckSize(); !checked) {
    return std::move(checked).error();
  }
  return count;
}

Status GzipInflater::CheckSize() const {
  if (unpacked_ > max_bytes_) {
    return Refuse("it unpacks to more than " + std::to_string(max_bytes_) + " bytes");
  }
  if (unpacked_ > kUncheckedBytes && unpacked_ / kMaxRatio > stream_.total_in) {
    return Refuse("it unpacks to more than " + std::to_string(kMaxRatio) + " times its size");
  }
  return Ok{};
}

}  // namespace acronis::api
