#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "exporter/config/web_config.h"
#include "exporter/web/auth/password_book.h"
#include "exporter/web/auth/password_checker.h"
#include "exporter/web/tls/server_tls.h"
#include "plugin/core/clock.h"
#include "plugin/core/logger.h"
#include "plugin/core/result.h"

namespace acronis::exporter {

/// A web configuration in the shape in which requests need it. Immutable; thread-safe.
struct WebAccess {
  WebConfig config;                      ///< Without the private key.
  std::shared_ptr<const ServerTls> tls;  ///< Null for plain HTTP.
  PasswordBook passwords;
};

/// What tells one state of a file from another.
struct FileState {
  bool there = false;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  TimePoint modified{};
  TimePoint changed{};

  bool operator==(const FileState&) const = default;
};

/// The web configuration as it is now: re-read when its file, or one that it names, has changed.
///
/// Nothing runs by itself; who asks pays for a stat of each file, and for the reading after a
/// change. Thread-safe. Borrows clock and logger.
class WebConfigWatch {
 public:
  using Access = std::shared_ptr<const WebAccess>;

  /// Reads the configuration for the first time; the error is that of LoadWebConfig().
  static Result<std::unique_ptr<WebConfigWatch>> Open(const std::filesystem::path& path,
                                                      const Clock& clock, Logger& log);

  /// What holds now: ask anew for every handshake and every request, and keep the answer for the
  /// length of it.
  ///
  /// An error while the files are broken. Then refuse handshakes, and answer 500 to requests.
  /// Whether TLS is spoken cannot change while the program runs, nor can a file that had something
  /// in it become empty: both are errors, as they would open what was closed, or close it. Each
  /// change is logged once.
  Result<Access> Current();

  /// A handshake with `peer` came to nothing; told at debug level.
  void NoteRefused(const std::string& peer, const std::string& reason);

  /// Whether TLS is spoken, for the life of the program.
  bool SpeaksTls() const { return speaks_tls_; }
  /// As it was at the start; later changes of it do not matter.
  const RateLimitOptions& RateLimitAtStart() const { return rate_limit_; }

 private:
  WebConfigWatch(std::filesystem::path path, const Clock& clock, Logger& log);

  // These want mutex_ to be held.
  bool IsStale();
  void Read();
  Result<Access> Build(Result<WebConfig> config) const;
  /// `changed`: the files are no longer what they were at the last reading.
  void Report(const Result<Access>& fresh, bool changed);

  const std::filesystem::path path_;
  const Clock& clock_;
  Logger& log_;
  const std::shared_ptr<PasswordChecker> checker_;
  bool speaks_tls_ = false;      // Set by Open() only.
  bool had_something_ = false;   // The same.
  RateLimitOptions rate_limit_;  // The same.
  std::mutex mutex_;
  // All guarded by mutex_.
  std::vector<std::filesystem::path> files_;
  std::vector<FileState> states_;  ///< Of files_, as they were before they were read.
  bool settled_ = false;           ///< A later change cannot leave the states as they are.
  std::optional<Result<Access>> current_;
};

}  // namespace acronis::exporter
