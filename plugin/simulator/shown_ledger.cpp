#include "plugin/simulator/shown_ledger.h"

#include <algorithm>

namespace acronis::simulator {

void ShownLedger::Note(const std::string& client, const TaskRecord& record, const TextPool& pool) {
  Client& shown = clients_[client];
  if (shown.ids.insert(record.id).second) {
    ++shown.counts[{pool.Text(record.queue), pool.Text(record.result)}];
  }
}

CountsByQueueAndResult ShownLedger::Counts(std::string_view client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? CountsByQueueAndResult() : found->second.counts;
}

std::vector<std::int64_t> ShownLedger::Ids(std::string_view client) const {
  const auto found = clients_.find(client);
  if (found == clients_.end()) {
    return {};
  }
  std::vector<std::int64_t> ids(found->second.ids.begin(), found->second.ids.end());
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::size_t ShownLedger::Size(std::string_view client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? 0 : found->second.ids.size();
}

std::vector<std::string> ShownLedger::Clients() const {
  std::vector<std::string> names;
  for (const auto& entry : clients_) {
    names.push_back(entry.first);
  }
  return names;
}

}  // namespace acronis::simulator
