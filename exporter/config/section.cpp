#include "exporter/config/section.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <limits>

#include "exporter/config/nearest.h"
#include "plugin/core/duration.h"

namespace acronis::exporter {
namespace {

constexpr std::size_t kMaxProblems = 20;
constexpr std::size_t kMaxShownBytes = 80;

std::string Shown(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      break;
  }
  return "'" + node.text.substr(0, kMaxShownBytes) + "'";
}

std::optional<double> ParseNumber(const YamlNode& node) {
  double value = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto [stopped, error] = std::from_chars(node.text.data(), end, value);
  if (node.kind != YamlNode::Kind::kScalar || error != std::errc() || stopped != end) {
    return std::nullopt;
  }
  return value;
}

/// The words of YAML 1.1, as the common readers take them.
std::optional<bool> ParseBool(std::string_view text) {
  constexpr std::array kYes = {"true", "True", "TRUE", "yes", "Yes", "YES",
                               "on",   "On",   "ON",   "y",   "Y"};
  constexpr std::array kNo = {"false", "False", "FALSE", "no", "No", "NO",
                              "off",   "Off",   "OFF",   "n",  "N"};
  if (std::ranges::find(kYes, text) != kYes.end()) {
    return true;
  }
  return std::ranges::find(kNo, text) != kNo.end() ? std::optional(false) : std::nullopt;
}

std::string Join(const std::set<std::string, std::less<>>& keys) {
  std::string text;
  for (const std::string& key : keys) {
    text += (text.empty() ? "" : ", ") + key;
  }
  return text;
}

/// A control character in a message would break its line.
std::string Printable(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return out;
}

}  // namespace

void Findings::Add(int line, std::string_view key, std::string_view message) {
  ++problems_;
  if (problems_ <= kMaxProblems) {
    text_ += (text_.empty() ? "" : "\n") + file_ + ":" + std::to_string(line) + ": " +
             Printable(std::string(key) + ": " + std::string(message));
  }
  if (problems_ == kMaxProblems + 1) {
    text_ += "\n" + file_ + ": more problems are left out";
  }
}

void Findings::NoteKnown(const std::string& path) {
  std::string pattern;
  bool index = false;
  for (const char c : path) {
    index = index && c != ']';
    if (!index) {
      pattern += c;
    }
    index = index || c == '[';
  }
  known_.insert(std::move(pattern));
}

int Findings::LineOf(std::string_view path) const {
  while (true) {
    if (const auto found = lines_.find(path); found != lines_.end()) {
      return found->second;
    }
    const auto end = path.find_last_of(".[");
    if (end == std::string_view::npos) {
      return 1;
    }
    path = path.substr(0, end);
  }
}

Section::Section(const YamlNode* node, std::string path, Findings& findings)
    : node_(node), path_(std::move(path)), findings_(findings) {
  if (node_ != nullptr && node_->kind == YamlNode::Kind::kNull) {
    node_ = nullptr;
  }
  if (node_ != nullptr && node_->kind != YamlNode::Kind::kMap) {
    const bool hidden = findings_.HidesMisplaced() && node_->kind == YamlNode::Kind::kScalar;
    findings_.Add(
        node_->line, path_.empty() ? "(the whole file)" : path_,
        (hidden ? "a text" : Shown(*node_)) + " is not accepted: must be a map of keys and values");
    node_ = nullptr;
  }
  for (std::size_t index = 0; node_ != nullptr && index < node_->keys.size(); ++index) {
    findings_.NoteLine(PathOf(node_->keys[index]), node_->key_lines[index]);
  }
}

std::string Section::PathOf(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const std::vector<std::string>& Section::Keys() const {
  static const std::vector<std::string> none;
  return node_ == nullptr ? none : node_->keys;
}

void Section::Refuse(std::string_view key, const YamlNode& node, std::string_view accepted) {
  findings_.Add(node.line, PathOf(key),
                Shown(node) + " is not accepted: must be " + std::string(accepted));
}

void Section::Complain(std::string_view key, std::string_view message) {
  const std::string path = PathOf(key);
  findings_.Add(findings_.LineOf(path), path, message);
}

const YamlNode* Section::Raw(std::string_view key) {
  asked_.emplace(key);
  findings_.NoteKnown(PathOf(key));
  return node_ == nullptr ? nullptr : node_->Find(key);
}

const YamlNode* Section::Scalar(std::string_view key, std::string_view accepted) {
  const YamlNode* const node = Raw(key);
  if (node != nullptr && node->kind != YamlNode::Kind::kScalar) {
    Refuse(key, *node, accepted);
    return nullptr;
  }
  return node;
}

const YamlNode* Section::List(std::string_view key, std::string_view accepted) {
  const YamlNode* const node = Raw(key);
  if (node == nullptr || node->kind == YamlNode::Kind::kNull) {
    return nullptr;
  }
  if (node->kind != YamlNode::Kind::kList) {
    Refuse(key, *node, accepted);
    return nullptr;
  }
  return node;
}

void Section::Read(std::string_view key, std::string& value) {
  if (const YamlNode* const node = Scalar(key, R"(a text ("" for none))")) {
    value = node->text;
  }
}

void Section::Read(std::string_view key, std::filesystem::path& value) {
  if (const YamlNode* const node = Scalar(key, R"(the path of a file ("" for none))")) {
    value = node->text;
  }
}

void Section::Read(std::string_view key, Secret& value) {
  if (const YamlNode* const node = Scalar(key, R"(a text ("" for none))")) {
    value = Secret(node->text);
  }
}

void Section::Read(std::string_view key, bool& value) {
  constexpr std::string_view kAccepted = "true or false";
  const YamlNode* const node = Scalar(key, kAccepted);
  if (node == nullptr) {
    return;
  }
  const std::optional<bool> read = node->quoted ? std::nullopt : ParseBool(node->text);
  if (read) {
    value = *read;
  } else {
    Refuse(key, *node, kAccepted);
  }
}

template <typename T>
void Section::ReadInteger(std::string_view key, T& value) {
  const std::string accepted = "a whole number from " +
                               std::to_string(std::numeric_limits<T>::min()) + " to " +
                               std::to_string(std::numeric_limits<T>::max());
  const YamlNode* const node = Scalar(key, accepted);
  if (node == nullptr) {
    return;
  }
  T read{};
  const char* const end = node->text.data() + node->text.size();
  const auto [stopped, error] = std::from_chars(node->text.data(), end, read);
  if (node->quoted || error != std::errc() || stopped != end) {
    Refuse(key, *node, accepted);
    return;
  }
  value = read;
}

void Section::Read(std::string_view key, int& value) {
  ReadInteger(key, value);
}

void Section::Read(std::string_view key, std::uint64_t& value) {
  ReadInteger(key, value);
}

void Section::Read(std::string_view key, std::chrono::nanoseconds& value) {
  const YamlNode* const node = Scalar(key, kDurationForm);
  if (node == nullptr) {
    return;
  }
  if (const auto duration = ParseDuration(node->text)) {
    value = *duration;
  } else {
    Refuse(key, *node, kDurationForm);
  }
}

void Section::Read(std::string_view key, std::vector<std::string>& value) {
  constexpr std::string_view kAccepted = "a list of texts such as [a, b]";
  const YamlNode* const node = List(key, kAccepted);
  if (node == nullptr) {
    return;
  }
  value.clear();
  for (const YamlNode& item : node->items) {
    if (item.kind != YamlNode::Kind::kScalar) {
      Refuse(key, item, kAccepted);
      return;
    }
    value.push_back(item.text);
  }
}

void Section::Read(std::string_view key, std::vector<double>& value) {
  constexpr std::string_view kAccepted = "a list of numbers such as [0.5, 1, 10]";
  const YamlNode* const node = List(key, kAccepted);
  if (node == nullptr) {
    return;
  }
  value.clear();
  for (const YamlNode& item : node->items) {
    const auto number = ParseNumber(item);
    if (!number) {
      Refuse(key, item, kAccepted);
      return;
    }
    value.push_back(*number);
  }
}

Section Section::Part(std::string_view key) {
  return {Raw(key), PathOf(key), findings_};
}

std::vector<Section> Section::Parts(std::string_view key) {
  std::vector<Section> parts;
  const YamlNode* const node = List(key, "a list of maps");
  for (std::size_t index = 0; node != nullptr && index < node->items.size(); ++index) {
    const std::string path = PathOf(key) + "[" + std::to_string(index) + "]";
    findings_.NoteLine(path, node->items[index].line);
    parts.emplace_back(&node->items[index], path, findings_);
  }
  return parts;
}

void Section::Finish() {
  if (node_ == nullptr) {
    return;
  }
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (std::size_t index = 0; index < node_->keys.size(); ++index) {
    const std::string& key = node_->keys[index];
    if (asked_.contains(key)) {
      continue;
    }
    const auto nearest = Nearest(key, known);
    findings_.Add(node_->key_lines[index], PathOf(key.substr(0, kMaxShownBytes)),
                  "unknown key" + (nearest ? "; did you mean " + *nearest + "?" : std::string()) +
                      " (accepted here: " + Join(asked_) + ")");
  }
}

}  // namespace acronis::exporter
