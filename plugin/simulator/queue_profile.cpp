#include "plugin/simulator/queue_profile.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace acronis::simulator {

namespace {

constexpr std::array<int, kResultTexts.size()> kHealthy = {985, 8, 5, 2, 0, 0};
constexpr std::array<int, kResultTexts.size()> kUsual = {900, 55, 30, 8, 4, 3};
constexpr std::array<int, kResultTexts.size()> kShaky = {780, 120, 70, 15, 8, 7};

constexpr std::size_t kMostTypes = 6;

/// A kind of work; more queues are further instances of the same kinds.
struct BaseQueue {
  std::string_view name;
  WorkKind kind;
  std::array<std::string_view, kMostTypes> types;  ///< Empty ones do not count.
  std::int64_t shortest_s;
  std::int64_t longest_s;
  std::array<int, kResultTexts.size()> weights;
  std::uint64_t share;
};

constexpr auto kBaseQueues = std::to_array<BaseQueue>({
    {"legacySync",
     WorkKind::kSync,
     {"policy.apply", "policy.revoke", "agent.add", "A59E8BF2-39C3-42C4-B667-CB672381A214",
      "44328016-20D7-4799-A357-CF152C904ED0", "F5CD89C9-3CD1-4DBC-97F3-82BF93687B46"},
     0,
     0,
     kHealthy,
     12},
    {"backup-agent",
     WorkKind::kBackup,
     {"8F01AC13-F59E-4851-9204-DE1FD77E36B4", "D332948D-A7A9-4E07-B76C-253DCF6E17FB"},
     20,
     5400,
     kUsual,
     10},
    {"backup-vm", WorkKind::kBackup, {"8F01AC13-F59E-4851-9204-DE1FD77E36B4"}, 60, 7200, kShaky, 5},
    {"c2c-o365",
     WorkKind::kCloud,
     {"UserMailboxBackup", "SPBackup", "ODBackup", "0016750A-EE56-49E6-BF59-7C768C9869AC"},
     10,
     1800,
     kUsual,
     6},
    {"c2c-gsuite", WorkKind::kCloud, {"GSBackupGMail", "GSBackupGDrive"}, 10, 1200, kUsual, 3},
    {"agent-update",
     WorkKind::kAgent,
     {"AddFeatures", "Download", "AutoUpdateStandby"},
     5,
     300,
     kHealthy,
     2},
    {"vulnerability-assessment", WorkKind::kSecurity, {"va.scan"}, 15, 900, kHealthy, 3},
    {"antimalware-scan",
     WorkKind::kSecurity,
     {"am.scan.quick", "am.scan.full"},
     30,
     3600,
     kUsual,
     3},
    {"patch-management", WorkKind::kSecurity, {"patch.install"}, 30, 2400, kShaky, 1},
    {"recovery",
     WorkKind::kRecovery,
     {"6F80C46F-90AC-4F6F-9578-3CAEF754A637", "08FF37D8-FB90-49A3-828B-B9A8CDA417B3"},
     60,
     10800,
     kShaky,
     1},
});

QueueProfile ProfileOf(const BaseQueue& base) {
  QueueProfile queue{std::string(base.name), base.kind,    {},        base.shortest_s,
                     base.longest_s,         base.weights, base.share};
  std::copy_if(base.types.begin(), base.types.end(), std::back_inserter(queue.types),
               [](std::string_view type) { return !type.empty(); });
  return queue;
}

}  // namespace

std::vector<QueueProfile> MakeQueues(int count) {
  std::vector<QueueProfile> queues;
  for (std::size_t n = 0; n < static_cast<std::size_t>(std::max(count, 1)); ++n) {
    QueueProfile queue = ProfileOf(kBaseQueues[n % kBaseQueues.size()]);
    if (n >= kBaseQueues.size()) {
      queue.name += '.' + std::to_string(n / kBaseQueues.size() + 1);
      queue.share = 1;
    }
    queues.push_back(std::move(queue));
  }
  return queues;
}

}  // namespace acronis::simulator
