#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/core/result.h"
#include "plugin/simulator/fault_board.h"
#include "plugin/simulator/http_message.h"
#include "plugin/simulator/list_query.h"
#include "plugin/simulator/query_parser.h"
#include "plugin/simulator/task_listing.h"
#include "plugin/simulator/token_endpoint.h"
#include "plugin/simulator/world.h"

namespace acronis::simulator {

/// One answer, and which tasks it shows to whom.
struct TaskReply {
  Reply reply{};
  std::vector<TaskStore::Index> items{};
  std::string client_id{};
  bool unreadable = false;  ///< A task that the fault of this name is about spoiled it.
};

/// Answers `GET /api/task_manager/v2/tasks` and `/tasks/{id}`, and the same for `/activities`,
/// which are another look at the tasks that were started. Borrows the world.
class TaskEndpoint {
 public:
  TaskEndpoint(const SimulatorOptions& options, World& world);

  /// What an answer depends on beside the request.
  struct Call {
    const Grant& grant;
    const std::vector<Fault>& faults;
    std::int64_t now = 0;        ///< What has happened until then can be seen.
    std::int64_t shown_now = 0;  ///< What the service claims the time to be.
    Resource resource = Resource::kTasks;
  };

  TaskReply List(std::string_view raw_query, const Call& call);
  TaskReply One(std::string_view id, const Call& call);

 private:
  /// A page that was asked for.
  struct PageRequest {
    ListQuery query{};
    std::int64_t offset = 0;
    std::string raw_query{};  ///< Of the first page.
    std::string after{};      ///< The token that was sent; empty on the first page.
  };
  /// A page to be rendered.
  struct Page {
    std::vector<TaskStore::Index> items{};
    std::string after{};  ///< Token of the next page; empty on the last one.
  };

  Result<PageRequest> ReadRequest(std::string_view raw_query, const Call& call) const;
  Result<PageRequest> ReadLaterPage(const Parameters& parameters, const std::string& after,
                                    const Call& call) const;
  /// What some faults do not like about a request that is right otherwise.
  static Status CheckTaste(std::string_view raw_query, const Call& call);
  void ActOnWorld(const PageRequest& request, const Call& call);
  void RewriteNewest(const Call& call);
  void InsertAndRemove(const PageRequest& request, const Call& call);
  Page MakePage(const PageRequest& request, const Call& call);
  std::string NextToken(const PageRequest& request, const Call& call, std::int64_t offset,
                        bool more);
  std::string Render(const Page& page, Lod lod, const Call& call) const;
  ListScope ScopeOf(const Call& call) const;
  QueryRules RulesOf(const Call& call) const;

  QueryRules rules_;
  ErrorBodyStyle style_;
  World& world_;
  TaskLister lister_;
  std::int64_t nonce_ = 0;
};

}  // namespace acronis::simulator
