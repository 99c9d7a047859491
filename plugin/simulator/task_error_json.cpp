#include "plugin/simulator/task_error_json.h"

#include <array>
#include <string_view>

#include "plugin/simulator/object_writer.h"

namespace acronis::simulator {

namespace {

struct KnownError {
  std::string_view domain;
  std::string_view code;
  std::string_view cause;
};

constexpr std::array<KnownError, 6> kErrors = {{
    {"Common", "InternalError", "Failed to copy the volume."},
    {"Access", "AccessDeniedError", "You do not have access rights to this file"},
    {"cloud_platform", "MemoFailedToDiscoverFesUri", "Failed to discover the storage."},
    {"STORAGE_MANAGER", "CANotFoundErr", "authority id not found in CA table"},
    {"AGENT_CORE", "BackupFailed", "Die Datei 'C:\\Größe\\Müller.pst' ist gesperrt."},
    {"global", "internalError", R"(Network path "\\nas\backup" was not found.)"},
}};

constexpr std::size_t kLeastLevels = 10;
constexpr std::size_t kMostLevels = 24;

void AppendSourceTree(std::string& out, std::uint64_t hash, std::string_view cause) {
  const std::size_t levels = kLeastLevels + hash % (kMostLevels - kLeastLevels + 1);
  for (std::size_t level = 0; level < levels; ++level) {
    const std::string number = std::to_string(level);
    out += R"({"code":)";
    out += std::to_string(20'250'646 + level);
    out += R"(,"fields":{"$module":"disk_bundle_vs_)";
    out += number;
    out += R"("},"src":{"file":"k:\\8029\\core\\)";
    out += number;
    out += R"(.cpp","func":"Step)";
    out += number;
    out += R"(","line":)";
    out += std::to_string(100 + hash % 900);
    out += R"(,"tag":"0xCC2EAAE51C84579D"},"text":)";
    AppendJsonString(out, cause);
    out += R"(,"types":["ErrorCode"],"suberror":)";
  }
  out += "null";
  out.append(levels, '}');
}

}  // namespace

void AppendTaskError(std::string& out, const TaskView& task, bool with_source) {
  const KnownError& error = kErrors[(task.Hash() >> 40U) % kErrors.size()];
  ObjectWriter writer(out, nullptr);
  writer.Text("domain", error.domain);
  writer.Text("code", error.code);
  if (writer.Open("context")) {
    writer.Text("$module", "disk_bundle_vsa64_20567");
    if (with_source) {
      std::string tree;
      AppendSourceTree(tree, task.Hash(), error.cause);
      writer.Raw("_src", tree);
    }
    writer.Text("agentname", "");
    writer.Text("cause_str", error.cause);
    writer.Text("commandid", "8F01AC13-F59E-4851-9204-DE1FD77E36B4");
    writer.Text("effect_str", "Backup plan '" + std::string(task.PolicyName()) + "' failed.");
    writer.Close();
  }
  writer.Raw("kbLink",
             R"({"lineTag":"0xCC2EAAE51C84579D","serCode":"0x01350016+0x00040011+0x00720012",)"
             R"("version":"15.0","build":20567,"product":"cloud","os":"Windows"})");
  writer.Text("reason", error.code);
  writer.Raw("debug", R"({"msg":)" + JsonString(error.cause) + '}');
  writer.Finish();
}

}  // namespace acronis::simulator
