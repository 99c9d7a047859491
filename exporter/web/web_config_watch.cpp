#include "exporter/web/web_config_watch.h"

#include <algorithm>
#include <chrono>
#include <sys/stat.h>
#include <utility>

#include "exporter/web/auth/bcrypt.h"

namespace acronis::exporter {
namespace {

/// Clocks of file systems are coarse: within this time of a change, another one may leave the
/// same state behind.
constexpr std::chrono::milliseconds kCoarseness{100};

TimePoint TimeOf(const timespec& time) {
  return TimePoint(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

FileState StateOf(const std::filesystem::path& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    return {};
  }
  return {.there = true,
          .device = found.st_dev,
          .inode = found.st_ino,
          .size = found.st_size,
          .modified = TimeOf(found.st_mtim),
          .changed = TimeOf(found.st_ctim)};
}

std::vector<FileState> StatesOf(const std::vector<std::filesystem::path>& files) {
  std::vector<FileState> states(files.size());
  std::ranges::transform(files, states.begin(), StateOf);
  return states;
}

Error Unusable(const std::filesystem::path& path, const std::string& what) {
  return {ErrorKind::kInvalidArgument, path.string() + ": " + what};
}

}  // namespace

WebConfigWatch::WebConfigWatch(std::filesystem::path path, const Clock& clock, Logger& log)
    : path_(std::move(path)),
      clock_(clock),
      log_(log),
      checker_(std::make_shared<PasswordChecker>(MatchesBcrypt)),
      files_({path_}) {}

Result<std::unique_ptr<WebConfigWatch>> WebConfigWatch::Open(const std::filesystem::path& path,
                                                             const Clock& clock, Logger& log) {
  std::unique_ptr<WebConfigWatch> watch(new WebConfigWatch(path, clock, log));
  const std::lock_guard lock(watch->mutex_);
  watch->Read();
  const Result<Access>& first = *watch->current_;
  if (!first) {
    return first.error();
  }
  const WebAccess& access = **first;
  watch->speaks_tls_ = access.tls != nullptr;
  watch->had_something_ = !access.config.empty;
  watch->rate_limit_ = access.config.rate_limit;
  return watch;
}

Result<WebConfigWatch::Access> WebConfigWatch::Current() {
  const std::lock_guard lock(mutex_);
  if (IsStale()) {
    Read();
  }
  return *current_;
}

void WebConfigWatch::NoteRefused(const std::string& peer, const std::string& reason) {
  log_.Debug("TLS handshake failed", {{"peer", peer}, {"reason", reason}});
}

bool WebConfigWatch::IsStale() {
  return !settled_ || StatesOf(files_) != states_;
}

void WebConfigWatch::Read() {
  // The states come first: what changes while it is read is noticed the next time.
  std::vector<FileState> states = StatesOf(files_);
  const TimePoint now = clock_.Now();
  const bool changed = states != states_;
  WebConfigReading reading = ReadWebConfig(path_);
  settled_ = reading.files == files_ && std::ranges::none_of(states, [&](const FileState& state) {
               return state.there && std::chrono::abs(now - state.changed) < kCoarseness;
             });
  if (reading.files != files_) {
    files_ = std::move(reading.files);
    states = StatesOf(files_);
  }
  states_ = std::move(states);
  Result<Access> fresh = Build(std::move(reading.config));
  if (current_) {
    Report(fresh, changed);
  }
  current_ = std::move(fresh);
}

Result<WebConfigWatch::Access> WebConfigWatch::Build(Result<WebConfig> config) const {
  if (!config) {
    return std::move(config).error();
  }
  if (current_ && had_something_ && config->empty) {
    return Unusable(path_, "has become empty: to serve without TLS and passwords, restart");
  }
  if (current_ && speaks_tls_ != config->tls.has_value()) {
    return Unusable(path_, std::string("tls_server_config: TLS was switched ") +
                               (speaks_tls_ ? "off" : "on") + ": that takes a restart");
  }
  std::shared_ptr<const ServerTls> tls;
  if (config->tls) {
    auto made = ServerTls::Make(*config->tls);
    if (!made) {
      return Unusable(path_, "tls_server_config: " + made.error().message);
    }
    tls = *made;
    config->tls->key = {};  // One copy of it is enough.
  }
  PasswordBook passwords(config->basic_auth_users, checker_);
  return Access(std::make_shared<WebAccess>(
      WebAccess{std::move(*config), std::move(tls), std::move(passwords)}));
}

void WebConfigWatch::Report(const Result<Access>& fresh, bool changed) {
  const LogField file{"file", path_.string()};
  const bool was_good = static_cast<bool>(*current_);
  if (!fresh && (was_good || current_->error().message != fresh.error().message)) {
    log_.Error("web configuration cannot be used", {file, {"error", fresh.error().message}});
  } else if (fresh && !was_good) {
    log_.Info("web configuration can be used again", {file});
  } else if (fresh && changed) {
    log_.Info("web configuration has changed", {file});
  }
}

}  // namespace acronis::exporter
