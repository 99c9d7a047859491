#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/api/transport.h"

namespace acronis::fakes {

/// A server of one function: records what was asked and answers what the test says.
class ScriptedTransport : public api::HttpTransport {
 public:
  using Handler = std::function<Result<api::HttpResponse>(const api::HttpRequest&)>;

  ScriptedTransport()
      : handler([](const auto&) {
          return Error{ErrorKind::kNetwork, "nobody answers"};
        }) {}
  explicit ScriptedTransport(Handler answer) : handler(std::move(answer)) {}

  /// Answers in this order; the last one for ever.
  void AnswerInTurn(std::vector<Result<api::HttpResponse>> answers) {
    handler = [answers = std::move(answers), next = std::size_t{0}](const auto&) mutable {
      const auto& answer = answers[next];
      next += next + 1 < answers.size() ? 1 : 0;
      return answer;
    };
  }

  Result<api::HttpResponse> Send(const api::HttpRequest& request,
                                 const std::stop_token& stop) override {
    if (stop.stop_requested()) {
      return Error{ErrorKind::kCancelled, "stopping"};
    }
    requests.push_back(request);
    auto response = handler(request);
    received = response ? response->body.size() : received_by_failure;
    return response;
  }
  std::size_t Received() const override { return received; }

  Handler handler;
  std::size_t received_by_failure = 0;  ///< What an error has read all the same.
  std::size_t received = 0;
  std::vector<api::HttpRequest> requests;
};

/// The value of a header of a request; empty if there is none.
inline std::string HeaderOf(const api::HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

}  // namespace acronis::fakes
