#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <Poco/JSON/Object.h>

namespace acronis::api {

/// A small JSON object (a token, an error) by Poco; null when `text` is not one valid object.
/// For task pages use PageDecoder: this one is slow and rounds or wraps huge numbers.
Poco::JSON::Object::Ptr ParseJsonObject(std::string_view text);

/// The object behind `key`; null when there is none.
Poco::JSON::Object::Ptr ObjectAt(const Poco::JSON::Object::Ptr& object, const std::string& key);

/// The text or the number behind `key`; empty when there is neither.
std::string TextAt(const Poco::JSON::Object::Ptr& object, const std::string& key);

/// The whole number behind `key`; empty when there is none.
std::optional<std::int64_t> IntegerAt(const Poco::JSON::Object::Ptr& object,
                                      const std::string& key);

}  // namespace acronis::api
