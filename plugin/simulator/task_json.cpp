#include "plugin/simulator/task_json.h"

#include "plugin/simulator/task_error_json.h"

namespace acronis::simulator {

namespace {

void WriteTime(ObjectWriter& writer, std::string_view key, std::int64_t time) {
  if (time != kNoTime) {
    writer.Text(key, FormatTime(time));
  }
}

void WriteTenant(ObjectWriter& writer, const TaskView& task) {
  const Tenant& tenant = task.Owner();
  if (writer.Open("tenant")) {
    writer.Text("id", tenant.id);
    // A few objects come without it.
    if (task.Hash() % 16 != 0) {
      writer.Text("uuid", tenant.uuid);
    }
    writer.Text("name", tenant.name);
    writer.Text("locator", tenant.locator);
    writer.Close();
  }
}

void WritePolicy(ObjectWriter& writer, const TaskView& task) {
  if (task.HasPolicy() && writer.Open("policy")) {
    writer.Text("id", task.PolicyId());
    writer.Text("type", task.PolicyType());
    writer.Text("name", task.PolicyName());
    writer.Close();
  }
}

void WriteResource(ObjectWriter& writer, const TaskView& task) {
  if (task.HasResource() && writer.Open("resource")) {
    writer.Text("id", task.ResourceId());
    writer.Text("type", "machine");
    writer.Text("name", task.ResourceName());
    writer.Close();
  }
}

void WriteContext(ObjectWriter& writer, const TaskView& task) {
  if (!writer.Open("context")) {
    return;
  }
  writer.Flag("IsProcessRoot", true);
  if (task.Record().kind == WorkKind::kSync) {
    if (task.HasPolicy()) {
      writer.Text("PlanName", task.PolicyName());
    }
    writer.Text("Specific", "Business");
    writer.Flag("isLegacy", true);
    writer.Text("title", "Working on '" + task.ResourceName() + "' by " + task.Type());
  } else {
    writer.Text("MachineName", task.ResourceName());
    writer.Text("BackupPlanName", task.PolicyName());
    writer.Text("runMode", task.Hash() % 5 == 0 ? "manual" : "scheduled");
    writer.Raw("_runtime", R"({"bytesProcessed":)" +
                               std::to_string((task.Hash() >> 20U) % 1'000'000'000'000) +
                               R"(,"bytesSaved":)" +
                               std::to_string((task.Hash() >> 30U) % 1'000'000'000) + '}');
  }
  writer.Close();
}

void WriteResult(ObjectWriter& writer, const TaskView& task, Lod lod) {
  if (task.Result().empty() || !writer.Open("result")) {
    return;
  }
  writer.Text("code", task.Result());
  if (lod != Lod::kShort) {
    std::string error;
    if (task.Result() == "error" || task.Result() == "warning") {
      AppendTaskError(error, task, lod != Lod::kLong);
    }
    if (task.Result() == "error") {
      writer.Raw("error", error);
      writer.Raw("payload", "null");
    } else if (task.Result() == "warning") {
      writer.Raw("warnings", '[' + error + ']');
    } else if (task.Type() == "agent.add") {
      writer.Text("payload", "MachineManagement::AddAgentResponse");
    }
  }
  writer.Close();
}

void WriteExecutor(ObjectWriter& writer, const TaskView& task) {
  if (task.HasExecutor() && writer.Open("executor")) {
    writer.Text("id", task.ExecutorId());
    writer.Text("clusterId", "");
    writer.Close();
  }
}

/// Who made it, who does it; only with more detail than `short`.
void WriteParties(ObjectWriter& writer, const TaskView& task) {
  const bool sync = task.Record().kind == WorkKind::kSync;
  if (writer.Open("issuer")) {
    writer.Text("id", sync ? "" : "scheduler");
    writer.Text("clusterId", "");
    writer.Close();
  }
  WriteExecutor(writer, task);
}

void WriteTimes(ObjectWriter& writer, const TaskRecord& record) {
  WriteTime(writer, "enqueuedAt", record.enqueued);
  WriteTime(writer, "assignedAt", record.assigned);
  WriteTime(writer, "startedAt", record.started);
  WriteTime(writer, "updatedAt", record.updated);
  WriteTime(writer, "completedAt", record.completed);
}

void WriteProgress(ObjectWriter& writer, const TaskView& task) {
  if (task.Record().kind != WorkKind::kSync && writer.Open("progress")) {
    const bool done = task.Record().completed != kNoTime;
    writer.Number("current", done ? 100 : static_cast<std::int64_t>(task.Hash() % 100));
    writer.Number("total", 100);
    writer.Close();
  }
}

void WriteTiny(ObjectWriter& writer, const TaskRecord& record, const TaskView& task) {
  writer.Number("id", record.id);
  writer.Text("idString", std::to_string(record.id));
  writer.Text("state", task.State());
}

void WriteCounters(ObjectWriter& writer, const TaskRecord& record) {
  writer.Number("assignCount", record.assigned == kNoTime ? 0 : 1);
  writer.Number("failCount", 0);
  writer.Text("execTimeout", "24h0m0s");
}

/// Everything behind the type, with more detail than `tiny`.
void WriteRest(ObjectWriter& writer, const TaskView& task, Lod lod) {
  const bool detailed = lod != Lod::kShort;
  writer.Text("queue", task.Queue());
  writer.Text("priority", task.Priority());
  WriteTenant(writer, task);
  if (detailed) {
    writer.Flag("cancellable", true);
  }
  if (const std::string user = task.StartedBy(); !user.empty()) {
    writer.Text("startedByUser", user);
  }
  WritePolicy(writer, task);
  WriteResource(writer, task);
  if (detailed) {
    WriteContext(writer, task);
  }
  WriteTiny(writer, task.Record(), task);
  if (detailed) {
    WriteParties(writer, task);
  }
  WriteTimes(writer, task.Record());
  WriteProgress(writer, task);
  if (detailed) {
    writer.Flag("cancelRequested", task.Result() == "cancelled");
  }
  WriteResult(writer, task, lod);
  if (lod == Lod::kDebug) {
    WriteCounters(writer, task.Record());
  }
}

}  // namespace

void AppendTaskJson(std::string& out, const TaskView& task, Lod lod, const Twist* twist) {
  ObjectWriter writer(out, twist);
  writer.Text("uuid", Uuid(task.Hash()));
  writer.Text("type", task.Type());
  if (lod == Lod::kTiny) {
    WriteTiny(writer, task.Record(), task);
  } else {
    WriteRest(writer, task, lod);
  }
  writer.Finish();
}

void AppendActivityJson(std::string& out, const TaskView& task, Lod lod) {
  const TaskRecord& record = task.Record();
  const bool detailed = lod != Lod::kTiny && lod != Lod::kShort;
  ObjectWriter writer(out, nullptr);
  writer.Text("uuid", Uuid(task.Hash()));
  writer.Text("type", task.Type());
  writer.Number("taskId", record.id);
  WriteProgress(writer, task);
  WriteResource(writer, task);
  writer.Text("state", task.State());
  if (detailed) {
    WriteContext(writer, task);
  }
  writer.Number("id", record.id);
  writer.Text("idString", std::to_string(record.id));
  writer.Text("taskIdString", std::to_string(record.id));
  WritePolicy(writer, task);
  if (const std::string user = task.StartedBy(); !user.empty()) {
    writer.Text("startedByUser", user);
  }
  WriteTime(writer, "createdAt", record.started);
  WriteTime(writer, "startedAt", record.started);
  WriteTime(writer, "updatedAt", record.updated);
  WriteTime(writer, "completedAt", record.completed);
  WriteTenant(writer, task);
  WriteExecutor(writer, task);
  WriteResult(writer, task, lod);
  writer.Finish();
}

}  // namespace acronis::simulator
