#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "plugin/agents/formats/board.h"

namespace acronis::agents {

/// A value's name in collectd: `HOST/acronis_tasks-PLUGIN_INSTANCE/TYPE-TYPE_INSTANCE`.
struct CollectdName {
  std::string plugin_instance{};  ///< `ACCOUNT`, or `ACCOUNT:QUEUE`.
  std::string type{};           ///< `acronis_tasks_TOPIC`: one of those in acronis_tasks.types.db.
  std::string type_instance{};  ///< The detail; may be empty.
};

/// The parts fit into collectd 5's 127 bytes and have no `/`, which separates them; see
/// PlainName().
CollectdName CollectdNameOf(const Value& value);

/// A Board as lines for collectd's exec plugin. Counters are DERIVE, which a restart leaves without
/// a spike. REQUIRES: `interval` is above 0.
std::string CollectdLines(const std::vector<Value>& board, const std::string& host,
                          std::chrono::seconds interval);

}  // namespace acronis::agents
