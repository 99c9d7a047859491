#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gtest/gtest.h>

#include "plugin/simulator/simulator.h"
#include "plugin/simulator/text_format.h"
#include "tests/fakes/fake_clock.h"

namespace acronis::simulator {

/// A query string with everything that is not safe percent-encoded in its values.
inline std::string Encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

inline Poco::JSON::Object::Ptr Parse(const std::string& body) {
  return Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>();
}

/// A page of a listing, read back.
struct ReadPage {
  Reply reply;
  std::vector<std::int64_t> ids;
  std::string after;
  Poco::JSON::Object::Ptr body;
};

inline SimulatorOptions TestOptions(double rate = 0) {
  SimulatorOptions options;
  options.rate = rate;
  options.history = std::chrono::hours(1);
  options.client_id = "client";
  options.client_secret = Secret("s3cret");
  return options;
}

/// Talks to a simulator without sockets.
class SimulatorTest : public ::testing::Test {
 protected:
  explicit SimulatorTest(SimulatorOptions options = TestOptions())
      : simulator_(std::move(options), clock_) {}

  Reply RequestToken(std::string_view user = "client:s3cret",
                     std::string_view body = "grant_type=client_credentials") {
    return simulator_.Handle({"POST",
                              "/api/2/idp/token",
                              {{"Authorization", "Basic " + EncodeBase64(user)},
                               {"Content-Type", "application/x-www-form-urlencoded"}},
                              std::string(body)});
  }

  const std::string& Token() {
    if (token_.empty()) {
      token_ = Parse(RequestToken().body)->getValue<std::string>("access_token");
    }
    return token_;
  }

  Reply Get(const std::string& target) {
    return simulator_.Handle({"GET", target, {{"Authorization", "Bearer " + Token()}}, ""});
  }

  ReadPage List(const std::string& query) {
    ReadPage page;
    page.reply = Get("/api/task_manager/v2/tasks?" + query);
    EXPECT_EQ(page.reply.status, 200) << page.reply.body;
    page.body = Parse(page.reply.body);
    for (const auto& item : *page.body->getArray("items")) {
      page.ids.push_back(item.extract<Poco::JSON::Object::Ptr>()->getValue<std::int64_t>("id"));
    }
    if (page.body->has("paging")) {
      page.after =
          page.body->getObject("paging")->getObject("cursors")->getValue<std::string>("after");
    }
    return page;
  }

  ReadPage Next(const ReadPage& page, int limit) {
    return List("limit=" + std::to_string(limit) + "&after=" + Encode(page.after));
  }

  std::string ErrorOf(const std::string& query) {
    const Reply reply = Get("/api/task_manager/v2/tasks?" + query);
    EXPECT_EQ(reply.status, 400) << reply.body;
    return Parse(reply.body)->getObject("error")->getValue<std::string>("message");
  }

  /// A completed task, `seconds` from now.
  std::int64_t AddAt(int seconds) {
    NewTask task;
    task.completed_at = clock_.Now() + std::chrono::seconds(seconds);
    return simulator_.AddTask(task);
  }

  void Switch(std::string name, std::string value = "", std::int64_t count = 0) {
    const auto set = simulator_.Faults().Set({std::move(name), std::move(value), "", count});
    ASSERT_TRUE(set) << set.error().message;
  }

  test::FakeClock clock_;
  Simulator simulator_;
  std::string token_;
};

}  // namespace acronis::simulator
