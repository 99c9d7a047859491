#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "plugin/simulator/simulator.h"
#include "plugin/simulator/task_record.h"

namespace acronis::simulator {

/// What was shown as completed to whom. Not thread-safe.
class ShownLedger {
 public:
  void Note(const std::string& client, const TaskRecord& record, const TextPool& pool);

  CountsByQueueAndResult Counts(std::string_view client) const;
  std::vector<std::int64_t> Ids(std::string_view client) const;
  std::size_t Size(std::string_view client) const;
  std::vector<std::string> Clients() const;

 private:
  struct Client {
    std::unordered_set<std::int64_t> ids;
    CountsByQueueAndResult counts;
  };
  std::map<std::string, Client, std::less<>> clients_;
};

}  // namespace acronis::simulator
