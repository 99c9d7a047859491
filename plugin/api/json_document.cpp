#include "plugin/api/json_document.h"

#include <exception>

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Parser.h>

namespace acronis::api {

Poco::JSON::Object::Ptr ParseJsonObject(std::string_view text) {
  try {
    Poco::JSON::Parser parser;
    const auto document = parser.parse(std::string(text));
    if (document.type() == typeid(Poco::JSON::Object::Ptr)) {
      return document.extract<Poco::JSON::Object::Ptr>();
    }
  } catch (const std::exception&) {
    // What Poco throws depends on what is wrong: not only its JSON exceptions.
    return {};
  }
  return {};
}

Poco::JSON::Object::Ptr ObjectAt(const Poco::JSON::Object::Ptr& object, const std::string& key) {
  return object.isNull() ? Poco::JSON::Object::Ptr() : object->getObject(key);
}

std::string TextAt(const Poco::JSON::Object::Ptr& object, const std::string& key) {
  if (object.isNull()) {
    return {};
  }
  const auto value = object->get(key);
  if (value.isString() || (value.isNumeric() && !value.isBoolean())) {
    return value.convert<std::string>();
  }
  return {};
}

std::optional<std::int64_t> IntegerAt(const Poco::JSON::Object::Ptr& object,
                                      const std::string& key) {
  if (object.isNull()) {
    return std::nullopt;
  }
  const auto value = object->get(key);
  if (!value.isInteger() || value.isBoolean()) {
    return std::nullopt;
  }
  try {
    return value.convert<Poco::Int64>();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace acronis::api
