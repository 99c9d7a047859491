#include "exporter/config/yaml_tree.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <Poco/Exception.h>
#include <Poco/TextIterator.h>
#include <Poco/UTF8Encoding.h>

namespace acronis::exporter {
namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxKeys = 1000;

/// What this reader refuses although YAML has it.
struct Refusal {
  int line;
  std::string message;
};

int LineOf(const YAML::Mark& mark) {
  return mark.line + 1;
}

/// Builds the tree from the parser's events. Throws Refusal.
class TreeBuilder final : public YAML::EventHandler {
 public:
  YamlNode Take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    RefuseAnchor(mark, anchor);
    Add({.line = LineOf(mark)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    RefuseAnchor(mark, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    Add({.kind = YamlNode::Kind::kScalar,
         .line = LineOf(mark),
         .text = value,
         .quoted = tag == "!"});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    Open({.kind = YamlNode::Kind::kList, .line = LineOf(mark)});
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    Open({.kind = YamlNode::Kind::kMap, .line = LineOf(mark)});
  }
  void OnMapEnd() override { Close(); }

 private:
  static void RefuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) {
      throw Refusal{LineOf(mark), "anchors (&name) and aliases (*name) are not accepted"};
    }
  }

  static void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refusal{LineOf(mark), "the tag " + tag + " is not accepted"};
    }
  }

  /// A map gets its key first and then its value; everything else is a value.
  void Add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    YamlNode& parent = open_.back();
    if (parent.kind == YamlNode::Kind::kMap && parent.keys.size() == parent.items.size()) {
      AddKey(parent, node);
      return;
    }
    if (parent.kind == YamlNode::Kind::kMap && node.kind == YamlNode::Kind::kNull) {
      node.line = parent.key_lines.back();  // Nothing has no place of its own.
    }
    parent.items.push_back(std::move(node));
  }

  static void AddKey(YamlNode& parent, const YamlNode& key) {
    if (key.kind != YamlNode::Kind::kScalar) {
      throw Refusal{key.line, "a key must be a text"};
    }
    if (std::ranges::find(parent.keys, key.text) != parent.keys.end()) {
      throw Refusal{key.line, "the key '" + key.text + "' is given twice"};
    }
    if (parent.keys.size() >= kMaxKeys) {
      throw Refusal{key.line, "more than " + std::to_string(kMaxKeys) + " keys in one place"};
    }
    parent.keys.push_back(key.text);
    parent.key_lines.push_back(key.line);
  }

  void Open(YamlNode node) {
    if (open_.size() >= kMaxDepth) {
      throw Refusal{node.line, "more than " + std::to_string(kMaxDepth) + " levels"};
    }
    open_.push_back(std::move(node));
  }

  void Close() {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    Add(std::move(node));
  }

  YamlNode root_;
  std::vector<YamlNode> open_;
};

/// The line of the first byte that no configuration holds; 0 when there is none.
int LineOfBadByte(const std::string& text) {
  const Poco::UTF8Encoding utf8;
  int line = 1;
  for (Poco::TextIterator it(text, utf8); it != Poco::TextIterator(text); ++it) {
    if (*it <= 0) {
      return line;
    }
    line += *it == '\n' ? 1 : 0;
  }
  return 0;
}

Error At(const std::string& file, int line, const std::string& message) {
  return {ErrorKind::kInvalidArgument, file + ":" + std::to_string(line) + ": " + message};
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key);
  return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

Result<YamlNode> ParseYaml(const std::string& text, const std::string& file) {
  if (const int line = LineOfBadByte(text); line != 0) {
    return At(file, line, "the file must be UTF-8 text without NUL bytes");
  }
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    TreeBuilder first;
    parser.HandleNextDocument(first);
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) {
      return At(file, second.Take().line, "only one YAML document is accepted");
    }
    return first.Take();
  } catch (const Refusal& refusal) {
    return At(file, refusal.line, refusal.message);
  } catch (const YAML::Exception& exception) {
    return At(file, LineOf(exception.mark), "not valid YAML: " + exception.msg);
  }
}

}  // namespace acronis::exporter
