#include <map>
#include <utility>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include "plugin/simulator/control_endpoint.h"
#include "plugin/simulator/simulator_server.h"
#include "tests/simulator/simulator_fixture.h"

namespace acronis::simulator {
namespace {

class Control : public SimulatorTest {
 protected:
  Reply Send(const std::string& method, const std::string& target, const std::string& body = "") {
    return HandleControl(simulator_, {method, target, {}, body});
  }
};

TEST_F(Control, TellsOfTheTraffic) {
  Token();
  const std::string target = "/api/task_manager/v2/tasks?limit=1";
  const std::size_t bytes = Get(target).body.size();
  Switch("cut_body", "", 1);
  Get(target);
  Get(target);
  const simulator::Request repeated{"GET", target, {{"X-Request-ID", "one"}}, "", 1};
  simulator_.Handle(repeated);
  simulator_.Handle(repeated);
  simulator_.Traffic().NoteConnection(true);
  const auto seen = Parse(Send("GET", "/traffic").body);
  EXPECT_EQ(seen->getValue<int>("connections"), 1);
  EXPECT_EQ(seen->getValue<int>("refused"), 1);
  EXPECT_EQ(seen->getValue<int>("repeated"), 1);
  std::map<std::string, std::pair<int, std::size_t>> answers;
  for (const auto& item : *seen->getArray("answers")) {
    const auto answer = item.extract<Poco::JSON::Object::Ptr>();
    const std::string key = answer->getValue<std::string>("endpoint") + ' ' +
                            answer->getValue<std::string>("status") +
                            (answer->getValue<bool>("broken") ? " broken" : "") +
                            (answer->getValue<bool>("struck") ? " struck" : "");
    answers[key] = {answer->getValue<int>("answers"), answer->getValue<std::size_t>("body_bytes")};
  }
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers["token 200"].first, 1);
  EXPECT_EQ(answers["tasks 200"], std::pair(2, 2 * bytes));
  EXPECT_EQ(answers["tasks 200 broken struck"], std::pair(1, std::size_t{0}));
  EXPECT_EQ(answers["tasks 401"].first, 2);
}

TEST_F(Control, HangsUp) {
  EXPECT_EQ(Send("POST", "/hangup").status, 404) << "no connections here";
  int times = 0;
  EXPECT_EQ(HandleControl(simulator_, {"POST", "/hangup", {}, ""}, [&] { ++times; }).status, 200);
  EXPECT_EQ(times, 1);
}

TEST_F(Control, SwitchesAFaultOnAndOff) {
  Token();
  EXPECT_EQ(Send("PUT", "/faults/status", R"({"value":502,"path":"any","count":3})").status, 200);
  const auto active = Parse(Send("GET", "/faults").body)->getArray("active");
  ASSERT_EQ(active->size(), 1U);
  EXPECT_EQ(active->getObject(0)->getValue<std::string>("value"), "502");
  EXPECT_EQ(active->getObject(0)->getValue<int>("count"), 3);
  EXPECT_EQ(Get("/api/task_manager/v2/tasks").status, 502);
  EXPECT_EQ(Send("DELETE", "/faults/status").status, 200);
  EXPECT_EQ(Send("DELETE", "/faults/status").status, 404);
}

TEST_F(Control, TakesANameInTheBody) {
  EXPECT_EQ(Send("PUT", "/faults", R"({"name":"empty"})").status, 200);
  EXPECT_EQ(simulator_.Faults().List().size(), 1U);
  EXPECT_EQ(Send("DELETE", "/faults").status, 200);
  EXPECT_TRUE(simulator_.Faults().List().empty());
}

TEST_F(Control, ListsWhatIsKnown) {
  EXPECT_EQ(Parse(Send("GET", "/faults").body)->getArray("known")->size(), KnownFaults().size());
}

TEST_F(Control, RefusesWhatItDoesNotKnow) {
  const Reply reply = Send("PUT", "/faults/earthquake");
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("cursor_loop"), std::string::npos);
  EXPECT_EQ(Send("PUT", "/faults/status", "{").status, 400);
  EXPECT_EQ(Send("PUT", "/faults/status", "[]").status, 400);
  EXPECT_EQ(Send("POST", "/faults/status").status, 405);
  EXPECT_EQ(Send("GET", "/elsewhere").status, 404);
  EXPECT_EQ(Send("GET", "/truth?from=yesterday").status, 400);
}

TEST_F(Control, ShowsTheTruthAndWhatWasShown) {
  AddAt(-10);
  AddAt(-5);
  List("completedAt=lt(" + std::to_string(1'760'115'600 - 7) + ")");
  const auto body = Parse(Send("GET", "/truth").body);
  const auto truth = body->getArray("truth")->getObject(0);
  EXPECT_EQ(truth->getValue<std::string>("queue"), "backup-agent");
  EXPECT_EQ(truth->getValue<std::string>("result_code"), "ok");
  EXPECT_EQ(truth->getValue<int>("count"), 2);
  const auto shown = body->getObject("shown")->getArray("client")->getObject(0);
  EXPECT_EQ(shown->getValue<int>("count"), 1);
  const auto window = Parse(Send("GET", "/truth?from=1760115594").body);
  EXPECT_EQ(window->getArray("truth")->getObject(0)->getValue<int>("count"), 1);
}

TEST_F(Control, AddsTasks) {
  const Reply reply = Send("POST", "/tasks", R"({"queue":"restore","result_code":"error",
      "enqueued_at":1760115500,"completed_at":"2025-10-10T16:59:00Z","count":2})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(Parse(reply.body)->getArray("ids")->size(), 2U);
  const CountsByQueueAndResult failed = {{{"restore", "error"}, 2}};
  EXPECT_EQ(simulator_.Truth(), failed);
  EXPECT_EQ(List("completedAt=lt(2025-10-10T16:59:01Z)").ids.size(), 2U);
  EXPECT_EQ(Send("POST", "/tasks", R"({"queue":"restore","state":"enqueued"})").status, 200);
  EXPECT_EQ(List("state=enqueued").ids.size(), 1U);
}

TEST_F(Control, RefusesWhatIsNoTask) {
  for (const char* const body : {"", "[]", R"({"queu":"a"})", R"({"queue":1})", R"({"count":0})",
                                 R"({"count":1000000})", R"({"completed_at":"soon"})"}) {
    EXPECT_EQ(Send("POST", "/tasks", body).status, 400) << body;
  }
  EXPECT_EQ(simulator_.TaskCount(), 0U);
}

TEST_F(Control, IsServedOnLoopbackOnly) {
  const SimulatorServer server(simulator_, {.tls = false, .control = true});
  const Poco::URI url(server.ControlUrl());
  Poco::Net::HTTPClientSession session(url.getHost(), url.getPort());
  Poco::Net::HTTPRequest request("PUT", "/faults/empty", "HTTP/1.1");
  request.setContentLength(0);
  session.sendRequest(request);
  Poco::Net::HTTPResponse response;
  std::string body;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
  EXPECT_EQ(response.getStatus(), 200);
  EXPECT_EQ(simulator_.Faults().List().size(), 1U);
  EXPECT_THROW(
      SimulatorServer(simulator_, {.tls = false, .control = true, .control_address = "0.0.0.0"}),
      std::runtime_error);
}

}  // namespace
}  // namespace acronis::simulator
