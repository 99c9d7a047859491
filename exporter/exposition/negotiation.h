#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace acronis::exporter {

/// How the samples of a page are written.
enum class PageFormat { kText, kOpenMetrics };
inline constexpr std::size_t kPageFormatCount = 2;

/// How the bytes of a page are sent.
enum class PageEncoding { kIdentity, kGzip };

/// The format of an answer and what to call it.
struct NegotiatedFormat {
  PageFormat format = PageFormat::kText;
  /// One of these, the last two with `; escaping=SCHEME` behind them if the client named one of
  /// allow-utf-8, underscores, dots, values (our names look the same in each of them):
  ///
  ///     text/plain; version=0.0.4; charset=utf-8
  ///     application/openmetrics-text; version=0.0.1; charset=utf-8
  ///     application/openmetrics-text; version=1.0.0; charset=utf-8
  ///     text/plain; version=1.0.0; charset=utf-8
  std::string content_type{};
};

/// The longest header that is looked at, in bytes. Longer ones count as not there.
inline constexpr std::size_t kMostNegotiated = 8192;

/// The format for a client that sends this Accept header (RFC 9110, 12.5.1).
///
/// Of the four above the one with the highest `q` is taken, then the one whose range comes first in
/// the header, then the order text 0.0.4, OpenMetrics 1.0.0, OpenMetrics 0.0.1, text 1.0.0. The
/// most specific range decides about each: type and version, type, `type/*`, `*/*`. Parameters
/// other than `q`, `version` and `escaping` do not matter; a range with a broken `q` is passed
/// over. Text 0.0.4 also where nothing fits: never fails. OpenMetrics 0.0.1 is what 1.0.0 is.
NegotiatedFormat NegotiateFormat(std::string_view accept);

/// The encoding for a client that sends this Accept-Encoding header (RFC 9110, 12.5.3).
///
/// gzip (`x-gzip` is the same) if it is accepted, by name or by `*`, and `identity` was not given a
/// higher `q`; also where only `identity` is refused. Never fails: who refuses both gets identity.
PageEncoding NegotiateEncoding(std::string_view accept_encoding);

}  // namespace acronis::exporter
