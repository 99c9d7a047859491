#include "plugin/simulator/control_endpoint.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <Poco/Dynamic/Var.h>
#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include "plugin/core/time_format.h"
#include "plugin/simulator/error_body.h"
#include "plugin/simulator/object_writer.h"
#include "plugin/simulator/url_query.h"

namespace acronis::simulator {

namespace {

constexpr std::string_view kFaults = "/faults";

Reply Refusal(int status, std::string_view message) {
  Reply reply = JsonReply(R"({"error":)" + JsonString(message) + '}');
  reply.status = status;
  return reply;
}

std::string FaultJson(std::string_view name, std::string_view value, std::string_view path,
                      std::int64_t count, std::string_view summary) {
  std::string out;
  ObjectWriter writer(out, nullptr);
  writer.Text("name", name);
  writer.Text("value", value);
  writer.Text("path", path);
  writer.Number("count", count);
  if (!summary.empty()) {
    writer.Text("summary", summary);
  }
  writer.Finish();
  return out;
}

void AppendItem(std::string& list, const std::string& item) {
  list += (list.empty() ? "" : ",") + item;
}

Reply ListFaults(Simulator& simulator) {
  std::string active;
  for (const Fault& fault : simulator.Faults().List()) {
    AppendItem(active, FaultJson(fault.name, fault.value, fault.path, fault.count, ""));
  }
  std::string known;
  for (const FaultKind& kind : KnownFaults()) {
    AppendItem(known, FaultJson(kind.name, kind.value, kind.path, kind.count, kind.summary));
  }
  return JsonReply(R"({"active":[)" + active + R"(],"known":[)" + known + "]}");
}

/// The fault that a body describes; fields that are left out keep what `fault` has.
Result<Fault> ReadFault(const std::string& body, Fault fault) {
  if (body.empty()) {
    return fault;
  }
  try {
    const auto object = Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>();
    fault.name = object->optValue<std::string>("name", fault.name);
    fault.path = object->optValue<std::string>("path", fault.path);
    fault.count = object->optValue<std::int64_t>("count", fault.count);
    // A number will do as well.
    fault.value = object->has("value") ? object->get("value").convert<std::string>() : fault.value;
    return fault;
  } catch (const Poco::Exception& error) {
    return Error{ErrorKind::kInvalidArgument, "not a fault: " + error.displayText()};
  }
}

Reply SetFault(Simulator& simulator, std::string_view name, const std::string& body) {
  Fault fault;
  fault.name = name;
  auto read = ReadFault(body, std::move(fault));
  if (!read) {
    return Refusal(400, read.error().message);
  }
  if (const auto set = simulator.Faults().Set(std::move(*read)); !set) {
    return Refusal(400, set.error().message);
  }
  return ListFaults(simulator);
}

Reply ClearFault(Simulator& simulator, std::string_view name) {
  if (name.empty()) {
    simulator.Faults().ClearAll();
  } else if (!simulator.Faults().Clear(name)) {
    return Refusal(404, "fault '" + std::string(name) + "' is not on");
  }
  return ListFaults(simulator);
}

Reply HandleFaults(Simulator& simulator, const Request& request, std::string_view name) {
  if (request.method == "GET" && name.empty()) {
    return ListFaults(simulator);
  }
  if (request.method == "PUT") {
    return SetFault(simulator, name, request.body);
  }
  if (request.method == "DELETE") {
    return ClearFault(simulator, name);
  }
  return Refusal(405, "use GET, PUT or DELETE");
}

std::string CountsJson(const CountsByQueueAndResult& counts) {
  std::string items;
  for (const auto& [key, count] : counts) {
    std::string item;
    ObjectWriter writer(item, nullptr);
    writer.Text("queue", key.first);
    writer.Text("result_code", key.second);
    writer.Number("count", static_cast<std::int64_t>(count));
    writer.Finish();
    AppendItem(items, item);
  }
  return '[' + items + ']';
}

Reply ShowTruth(Simulator& simulator, const Parameters& parameters) {
  TimePoint from = TimePoint::min();
  TimePoint to = TimePoint::max();
  for (const auto& [name, value] : parameters) {
    const auto time = ParseDate(value);
    if (!time || (name != "from" && name != "to")) {
      return Refusal(400, time ? "unknown parameter; known are from to" : time.error().message);
    }
    (name == "from" ? from : to) = *time;
  }
  std::string shown;
  for (const std::string& client : simulator.Clients()) {
    AppendItem(shown, JsonString(client) + ':' + CountsJson(simulator.ShownCounts(client)));
  }
  return JsonReply(R"({"truth":)" + CountsJson(simulator.Truth(from, to)) + R"(,"shown":{)" +
                   shown + "}}");
}

std::string_view NameOf(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kToken:
      return "token";
    case Endpoint::kTasks:
      return "tasks";
    case Endpoint::kOther:
      return "other";
  }
  return "";
}

Reply ShowTraffic(Simulator& simulator) {
  const TrafficLog::Totals totals = simulator.Traffic().Sum();
  std::string answers;
  for (const auto& [kind, sums] : totals.answers) {
    std::string item;
    ObjectWriter writer(item, nullptr);
    writer.Text("endpoint", NameOf(kind.endpoint));
    writer.Number("status", kind.status);
    writer.Flag("broken", kind.broken);
    writer.Flag("struck", kind.struck);
    writer.Number("answers", static_cast<std::int64_t>(sums.answers));
    writer.Number("body_bytes", static_cast<std::int64_t>(sums.body_bytes));
    writer.Finish();
    AppendItem(answers, item);
  }
  std::string out;
  ObjectWriter writer(out, nullptr);
  writer.Number("connections", static_cast<std::int64_t>(totals.connections));
  writer.Number("refused", static_cast<std::int64_t>(totals.refused));
  writer.Number("silent", static_cast<std::int64_t>(totals.silent));
  writer.Number("repeated", static_cast<std::int64_t>(totals.repeated));
  writer.Raw("answers", '[' + answers + ']');
  writer.Finish();
  return JsonReply(out);
}

/// What a body says of new tasks.
struct TaskOrder {
  NewTask task{};
  std::int64_t count = 1;  ///< How many like it.
};

constexpr std::int64_t kMaxOrder = 10'000;

/// Throws Poco::Exception for what cannot be understood.
void ReadTaskField(const std::string& name, const Poco::Dynamic::Var& value, TaskOrder& order) {
  NewTask& task = order.task;
  const auto read_time = [&value](std::optional<TimePoint>& time) {
    auto date = ParseDate(value.convert<std::string>());
    if (!date) {
      throw Poco::InvalidArgumentException(date.error().message);
    }
    time = *date;
  };
  if (name == "queue") {
    task.queue = value.extract<std::string>();
  } else if (name == "state") {
    task.state = value.extract<std::string>();
  } else if (name == "result_code") {
    task.result_code = value.extract<std::string>();
  } else if (name == "enqueued_at") {
    read_time(task.enqueued_at);
  } else if (name == "started_at") {
    read_time(task.started_at);
  } else if (name == "completed_at") {
    read_time(task.completed_at);
  } else if (name == "id") {
    task.id = value.convert<std::int64_t>();
  } else if (name == "count") {
    order.count = value.convert<std::int64_t>();
  } else {
    throw Poco::InvalidArgumentException(
        "unknown field '" + name +
        "'; known are id queue state result_code enqueued_at started_at completed_at count");
  }
}

Result<TaskOrder> ReadTaskOrder(const std::string& body) {
  TaskOrder order;
  try {
    const auto object = Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>();
    for (const auto& [name, value] : *object) {
      ReadTaskField(name, value, order);
    }
  } catch (const Poco::Exception& error) {
    return Error{ErrorKind::kInvalidArgument, "not a task: " + error.displayText()};
  }
  if (order.count < 1 || order.count > kMaxOrder) {
    return Error{ErrorKind::kInvalidArgument,
                 "count must be from 1 to " + std::to_string(kMaxOrder)};
  }
  return order;
}

Reply AddTasks(Simulator& simulator, const std::string& body) {
  const auto order = ReadTaskOrder(body);
  if (!order) {
    return Refusal(400, order.error().message);
  }
  std::string ids;
  for (std::int64_t i = 0; i < order->count; ++i) {
    AppendItem(ids, std::to_string(simulator.AddTask(order->task)));
  }
  return JsonReply(R"({"ids":[)" + ids + "]}");
}

}  // namespace

Reply HandleControl(Simulator& simulator, const Request& request,
                    const std::function<void()>& hang_up) {
  const std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string path = DecodePercent(target.substr(0, mark));
  if (path == kFaults || path.starts_with("/faults/")) {
    return HandleFaults(simulator, request,
                        std::string_view(path).substr(std::min(path.size(), kFaults.size() + 1)));
  }
  if (path == "/truth" && request.method == "GET") {
    return ShowTruth(simulator, ParseParameters(target.substr(std::min(mark + 1, target.size()))));
  }
  if (path == "/traffic" && request.method == "GET") {
    return ShowTraffic(simulator);
  }
  if (path == "/tasks" && request.method == "POST") {
    return AddTasks(simulator, request.body);
  }
  if (path == "/revoke" && request.method == "POST") {
    simulator.RevokeTokens();
    return JsonReply("{}");
  }
  if (path == "/hangup" && request.method == "POST" && hang_up) {
    hang_up();
    return JsonReply("{}");
  }
  return Refusal(
      404,
      "known are GET|PUT|DELETE /faults, GET /truth, GET /traffic, POST /tasks, POST /revoke, "
      "POST /hangup");
}

}  // namespace acronis::simulator
