#pragma once

#include <initializer_list>
#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>

namespace acronis::api {

/// Lenient reading of a parsed page: what is absent or of another type is empty.
/// The views live as long as the parser's document.
using JsonObject = std::optional<simdjson::dom::object>;

inline JsonObject AsObject(simdjson::dom::element element) {
  simdjson::dom::object object;
  return element.get(object) == simdjson::SUCCESS ? JsonObject(object) : std::nullopt;
}

inline JsonObject ObjectAt(const JsonObject& object, std::string_view key) {
  simdjson::dom::element element;
  const bool found = object && object->at_key(key).get(element) == simdjson::SUCCESS;
  return found ? AsObject(element) : std::nullopt;
}

inline std::string_view TextAt(const JsonObject& object, std::string_view key) {
  std::string_view text;
  if (object && object->at_key(key).get(text) != simdjson::SUCCESS) {
    return {};
  }
  return text;
}

/// A text, or a whole number as text.
inline std::string TextOrNumberAt(const JsonObject& object, std::string_view key) {
  std::int64_t number = 0;
  if (object && object->at_key(key).get(number) == simdjson::SUCCESS) {
    return std::to_string(number);
  }
  return std::string(TextAt(object, key));
}

}  // namespace acronis::api
