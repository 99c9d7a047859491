#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/yaml_tree.h"
#include "plugin/core/secret.h"

namespace acronis::exporter {

/// What reading a configuration file brings to light besides its values: everything that is wrong
/// with it, where each key stands, and which keys the reader knows.
class Findings {
 public:
  /// Whether a text where a map should be is shown: in some files it may be a secret.
  enum class Misplaced { kShown, kHidden };

  explicit Findings(std::string file, Misplaced misplaced = Misplaced::kShown)
      : file_(std::move(file)), misplaced_(misplaced) {}

  /// `message` without file, line and key.
  void Add(int line, std::string_view key, std::string_view message);
  void NoteKnown(const std::string& path);
  void NoteLine(const std::string& path, int line) { lines_[path] = line; }

  bool Clean() const { return problems_ == 0; }
  bool HidesMisplaced() const { return misplaced_ == Misplaced::kHidden; }
  /// One problem a line, `FILE:LINE: KEY: ...`; the first twenty.
  const std::string& Text() const { return text_; }
  /// The line of the longest part of `path` that the file has; 1 when it has none.
  int LineOf(std::string_view path) const;
  bool Has(const std::string& path) const { return lines_.contains(path); }
  /// Every key that was asked for, `accounts[].poll.interval`.
  const std::set<std::string>& KnownKeys() const { return known_; }

 private:
  std::string file_;
  Misplaced misplaced_;
  std::string text_;
  std::size_t problems_ = 0;
  std::map<std::string, int, std::less<>> lines_;
  std::set<std::string> known_;
};

/// Reads the keys of one map strictly.
///
/// Each read leaves the value alone when the key is absent and adds a finding when its type is
/// wrong. Finish() adds one for every key that was never asked for, with the nearest one that
/// was. Borrows `node` and `findings`.
class Section {
 public:
  /// `node` may be null or kNull: a section with nothing in it. `path` is empty for the root.
  Section(const YamlNode* node, std::string path, Findings& findings);

  void Read(std::string_view key, std::string& value);
  void Read(std::string_view key, std::filesystem::path& value);
  void Read(std::string_view key, Secret& value);
  void Read(std::string_view key, bool& value);
  void Read(std::string_view key, int& value);
  void Read(std::string_view key, std::uint64_t& value);
  void Read(std::string_view key, std::chrono::nanoseconds& value);
  void Read(std::string_view key, std::vector<std::string>& value);
  void Read(std::string_view key, std::vector<double>& value);

  /// A part of this map that is a map itself.
  Section Part(std::string_view key);
  /// A list of maps; empty when absent.
  std::vector<Section> Parts(std::string_view key);
  /// The value as it stands; null when absent.
  const YamlNode* Raw(std::string_view key);

  /// Shows the value of `node`: not for a secret.
  void Refuse(std::string_view key, const YamlNode& node, std::string_view accepted);
  /// At the line of `key`, or of this map when it has no such key.
  void Complain(std::string_view key, std::string_view message);
  void Finish();

  const std::vector<std::string>& Keys() const;
  std::string PathOf(std::string_view key) const;

 private:
  template <typename T>
  void ReadInteger(std::string_view key, T& value);
  /// The scalar of `key`; null when absent, or refused because it is something else.
  const YamlNode* Scalar(std::string_view key, std::string_view accepted);
  const YamlNode* List(std::string_view key, std::string_view accepted);

  const YamlNode* node_;
  std::string path_;
  Findings& findings_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace acronis::exporter
