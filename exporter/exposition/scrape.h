#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acronis::exporter {

/// What a client asks of a scrape. Plain values: no HTTP library.
struct ScrapeRequest {
  std::string accept{};           ///< The Accept header; several are joined with commas.
  std::string accept_encoding{};  ///< The same of Accept-Encoding.
  /// Families to show, by the name of the family or of one of its samples; all of them if empty.
  std::vector<std::string> names{};
};

/// The values of `name[]` in a query, decoded, in their order. As in Go, a pair that is not
/// properly encoded counts as not there.
std::vector<std::string> NamesInQuery(std::string_view query);

/// A body in pieces, to be sent one after another.
///
/// Pieces never change and may be shared with other bodies and other threads, so that a page of
/// many megabytes is neither joined nor copied. A piece may be empty.
struct ScrapeBody {
  struct Piece {
    std::shared_ptr<const void> owner{};  ///< Of the text.
    std::string_view text{};
  };

  ScrapeBody() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a text is a body of one piece.
  ScrapeBody(std::string text) { Add(std::move(text)); }

  void Add(std::string text) { pieces.push_back(MakePiece(std::move(text))); }
  /// Makes one piece of two that lie behind one another.
  void Add(const Piece& piece);
  static Piece MakePiece(std::string text);
  std::size_t Size() const;
  /// A copy in one piece.
  std::string Join() const;

  std::vector<Piece> pieces{};
};

}  // namespace acronis::exporter
