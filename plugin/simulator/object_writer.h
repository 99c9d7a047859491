#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugin/simulator/text_format.h"

namespace acronis::simulator {

/// Puts something else in the place of one field of an object.
struct Twist {
  std::string field{};  ///< `state`, `tenant.id`, ...; empty: nothing is twisted.
  std::string json{};   ///< What stands there instead; empty: the field is missing.
};

/// Writes one JSON object, field by field, in the order of the calls.
/// Borrows the output and the twist (may be null).
class ObjectWriter {
 public:
  ObjectWriter(std::string& out, const Twist* twist) : out_(out), twist_(twist) { out_ += '{'; }

  void Text(std::string_view key, std::string_view value) {
    if (Key(key)) {
      AppendJsonString(out_, value);
    }
  }
  void Raw(std::string_view key, std::string_view json) {
    if (Key(key)) {
      out_ += json;
    }
  }
  void Number(std::string_view key, std::int64_t value) {
    if (Key(key)) {
      out_ += std::to_string(value);
    }
  }
  void Flag(std::string_view key, bool value) { Raw(key, value ? "true" : "false"); }

  /// Opens an object within; false when it was twisted away: then there is no Close().
  bool Open(std::string_view key) {
    if (!Key(key)) {
      return false;
    }
    out_ += '{';
    prefix_ += key;
    prefix_ += '.';
    first_ = true;
    return true;
  }
  void Close() {
    out_ += '}';
    prefix_.pop_back();
    const std::size_t dot = prefix_.rfind('.');
    prefix_.resize(dot == std::string::npos ? 0 : dot + 1);
    first_ = false;
  }
  void Finish() { out_ += '}'; }

 private:
  /// Writes the key; false when the value is not wanted any more.
  bool Key(std::string_view key) {
    const bool twisted = twist_ != nullptr && IsTwisted(key);
    if (twisted && twist_->json.empty()) {
      return false;
    }
    if (!first_) {
      out_ += ',';
    }
    first_ = false;
    out_ += '"';
    out_ += key;
    out_ += "\":";
    if (twisted) {
      out_ += twist_->json;
    }
    return !twisted;
  }

  bool IsTwisted(std::string_view key) const {
    const std::string_view field = twist_->field;
    return field.size() == prefix_.size() + key.size() && field.starts_with(prefix_) &&
           field.ends_with(key);
  }

  std::string& out_;
  const Twist* twist_;
  std::string prefix_;
  bool first_ = true;
};

}  // namespace acronis::simulator
