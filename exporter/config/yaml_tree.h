#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/result.h"

namespace acronis::exporter {

/// One node of a YAML document with the line it stands in. A plain value.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  int line = 1;
  std::string text{};               ///< Of a scalar or of nothing (`~`), as written.
  bool quoted = false;              ///< A scalar in quotes, a text for certain.
  std::vector<std::string> keys{};  ///< Of a map, in the order of `items`.
  std::vector<int> key_lines{};     ///< Of a map.
  std::vector<YamlNode> items{};    ///< Of a list or of a map.

  /// The value of a map's key; null when there is none.
  const YamlNode* Find(std::string_view key) const;
};

/// Reads one YAML document into a tree.
///
/// Stricter than YAML: a key given twice, an anchor or alias, a tag, a second
/// document, more than 16 levels, a key that is not a text, a NUL byte and invalid UTF-8 are
/// refused. An empty document is kNull. Errors are `FILE:LINE: ...`, with `file` as given.
Result<YamlNode> ParseYaml(const std::string& text, const std::string& file);

}  // namespace acronis::exporter
