#include "plugin/simulator/task_endpoint.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "plugin/simulator/error_body.h"
#include "plugin/simulator/page_faults.h"
#include "plugin/simulator/query_cursor.h"
#include "plugin/simulator/reply_faults.h"
#include "plugin/simulator/task_json.h"

namespace acronis::simulator {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TimePoint At(std::int64_t nanoseconds) {
  return TimePoint(std::chrono::nanoseconds(nanoseconds));
}

Error Refuse(std::string message) {
  return {ErrorKind::kBadRequest, std::move(message)};
}

std::string Envelope(std::string_view items, std::uint64_t size, std::string_view after,
                     const TaskEndpoint::Call& call) {
  const Twist twist = TwistOfEnvelope(call.faults);
  std::string body;
  ObjectWriter writer(body, &twist);
  writer.Raw("items", '[' + std::string(items) + ']');
  writer.Number("size", static_cast<std::int64_t>(size));
  if (FindFault(call.faults, "timestamp_missing") == nullptr) {
    writer.Text("timeStamp", FormatTime(call.shown_now));
  }
  if (!after.empty() && writer.Open("paging")) {
    if (writer.Open("cursors")) {
      writer.Text("after", after);
      writer.Close();
    }
    writer.Close();
  }
  return body + NewFields(call.faults) + '}';
}

}  // namespace

TaskEndpoint::TaskEndpoint(const SimulatorOptions& options, World& world)
    : rules_{.default_limit = options.default_limit,
             .max_limit = options.max_limit,
             .strict = options.strict},
      style_(options.error_style),
      world_(world),
      lister_(world.Store(), world.Tenants()) {}

ListScope TaskEndpoint::ScopeOf(const Call& call) const {
  std::int64_t oldest = world_.OldestKept(call.now);
  if (const Fault* const fault = FindFault(call.faults, "forgetful")) {
    oldest = std::max(oldest, call.now - FaultNumber(*fault) * kSecond);
  }
  return {call.grant.locator, oldest};
}

QueryRules TaskEndpoint::RulesOf(const Call& call) const {
  QueryRules rules = rules_;
  rules.resource = call.resource;
  return rules;
}

Result<TaskEndpoint::PageRequest> TaskEndpoint::ReadLaterPage(const Parameters& parameters,
                                                              const std::string& after,
                                                              const Call& call) const {
  const auto cursor = DecodeCursor(after, call.grant.client_id);
  if (!cursor) {
    return Refuse("bad page token");
  }
  const auto extra = std::find_if(parameters.begin(), parameters.end(), [](const auto& entry) {
    return entry.first != "after" && entry.first != "limit";
  });
  if (rules_.strict && extra != parameters.end()) {
    return Refuse("parameter '" + extra->first + "' is not allowed together with 'after'");
  }
  auto query = ParseListQuery(ParseParameters(cursor->query), RulesOf(call));
  if (!query) {
    return query.error();
  }
  if (const std::string limit = FirstParameter(parameters, "limit"); !limit.empty()) {
    const auto parsed = ParseLimit(limit, rules_);
    if (!parsed) {
      return parsed.error();
    }
    query->limit = *parsed;
  }
  return PageRequest{std::move(*query), cursor->offset, cursor->query, after};
}

Result<TaskEndpoint::PageRequest> TaskEndpoint::ReadRequest(std::string_view raw_query,
                                                            const Call& call) const {
  const Parameters parameters = ParseParameters(raw_query);
  const auto after = std::find_if(parameters.begin(), parameters.end(),
                                  [](const auto& entry) { return entry.first == "after"; });
  if (after != parameters.end()) {
    return ReadLaterPage(parameters, after->second, call);
  }
  auto query = ParseListQuery(parameters, RulesOf(call));
  if (!query) {
    return query.error();
  }
  return PageRequest{std::move(*query), 0, std::string(raw_query), {}};
}

void TaskEndpoint::InsertAndRemove(const PageRequest& request, const Call& call) {
  // In the middle of what this walk has already shown.
  const std::int64_t place = request.offset / 2;
  if (const Fault* const fault = FindFault(call.faults, "insert_between_pages")) {
    const auto shown = lister_.List(request.query, ScopeOf(call), place, 1).items;
    const std::int64_t completed =
        shown.empty() ? kNoTime : world_.Store().At(shown.front()).completed;
    for (std::int64_t n = 0; n < FaultNumber(*fault) && completed != kNoTime; ++n) {
      NewTask task;
      task.completed_at = At(completed);
      world_.AddTask(task, call.now);
    }
  }
  if (const Fault* const fault = FindFault(call.faults, "remove_between_pages")) {
    const auto gone = lister_.List(request.query, ScopeOf(call), place, FaultNumber(*fault)).items;
    std::for_each(gone.begin(), gone.end(),
                  [this](TaskStore::Index index) { world_.Store().Remove(index); });
  }
}

void TaskEndpoint::ActOnWorld(const PageRequest& request, const Call& call) {
  for (const char* const name : {"late_task", "future_task"}) {
    if (const Fault* const fault = FindFault(call.faults, name)) {
      const std::int64_t shift = FaultNumber(*fault) * kSecond;
      NewTask task;
      task.completed_at = At(fault->name == "late_task" ? call.now - shift : call.now + shift);
      world_.AddTask(task, call.now);
    }
  }
  RewriteNewest(call);
  InsertAndRemove(request, call);
}

void TaskEndpoint::RewriteNewest(const Call& call) {
  const auto finished = world_.Store().ByCompletion();
  const Fault* const result = FindFault(call.faults, "changed_result");
  const Fault* const time = FindFault(call.faults, "changed_time");
  if (finished.empty() || (result == nullptr && time == nullptr)) {
    return;
  }
  const TaskRecord newest = world_.Store().At(finished.back());
  TaskChange change;
  if (result != nullptr) {
    change.result_code = result->value;
  }
  if (time != nullptr) {
    change.completed_at = At(newest.completed + FaultNumber(*time) * kSecond);
  }
  world_.ChangeTask(newest.id, change, call.now);
}

std::string TaskEndpoint::NextToken(const PageRequest& request, const Call& call,
                                    std::int64_t offset, bool more) {
  const bool another = FindFault(call.faults, "empty_page") != nullptr ||
                       FindFault(call.faults, "repeated_page") != nullptr;
  if (FindFault(call.faults, "cursor_self") != nullptr) {
    return request.after;
  }
  if (const Fault* const fault = FindFault(call.faults, "cursor_loop")) {
    const std::int64_t limit = request.query.limit;
    offset = offset / limit % std::max<std::int64_t>(FaultNumber(*fault), 1) * limit;
    more = true;
  }
  if (!more && !another && FindFault(call.faults, "endless_cursors") == nullptr) {
    return {};
  }
  const bool foreign = FindFault(call.faults, "foreign_cursor") != nullptr;
  return EncodeCursor({offset, another ? ++nonce_ : 0, request.raw_query},
                      foreign ? "somebody else" : call.grant.client_id);
}

TaskEndpoint::Page TaskEndpoint::MakePage(const PageRequest& request, const Call& call) {
  const Fault* const long_page = FindFault(call.faults, "long_page");
  const std::int64_t limit = long_page != nullptr ? FaultNumber(*long_page) : request.query.limit;
  if (FindFault(call.faults, "empty") != nullptr) {
    return {};
  }
  if (FindFault(call.faults, "empty_page") != nullptr) {
    return {{}, NextToken(request, call, request.offset, true)};
  }
  std::int64_t offset = request.offset;
  std::int64_t next = offset + limit;
  if (FindFault(call.faults, "repeated_page") != nullptr) {
    next = offset;
    offset = std::max<std::int64_t>(offset - limit, 0);
  } else if (FindFault(call.faults, "skipped_page") != nullptr) {
    offset += limit;
    next += limit;
  }
  Listing listing = lister_.List(request.query, ScopeOf(call), offset, limit);
  if (FindFault(call.faults, "duplicate_across_pages") != nullptr && offset > 0) {
    const auto before = lister_.List(request.query, ScopeOf(call), offset - 1, 1).items;
    listing.items.insert(listing.items.begin(), before.begin(), before.end());
  }
  if (FindFault(call.faults, "duplicate_in_page") != nullptr && !listing.items.empty()) {
    listing.items.push_back(listing.items.front());
  }
  if (FindFault(call.faults, "reversed_page") != nullptr) {
    std::ranges::reverse(listing.items);
  }
  return {std::move(listing.items), NextToken(request, call, next, listing.more)};
}

std::string TaskEndpoint::Render(const Page& page, Lod lod, const Call& call) const {
  const TaskStore& store = world_.Store();
  const std::string more_fields = NewFields(call.faults);
  std::string items;
  std::size_t place = 0;
  for (const TaskStore::Index index : page.items) {
    const Twist twist = TwistOf(call.faults, place++);
    if (!items.empty()) {
      items += ',';
    }
    const TaskRecord& record = store.At(index);
    const Twist own = TwistOfEach(call.faults, record.id);
    const TaskView view(record, store.Pool(), world_.Tenants()[record.tenant]);
    if (call.resource == Resource::kActivities) {
      AppendActivityJson(items, view, lod);
    } else {
      AppendTaskJson(items, view, lod, twist.field.empty() ? &own : &twist);
    }
    if (!more_fields.empty()) {
      items.pop_back();
      items += more_fields + '}';
    }
  }
  ReformatTimes(call.faults, items);
  return Envelope(items, page.items.size(), page.after, call);
}

Status TaskEndpoint::CheckTaste(std::string_view raw_query, const Call& call) {
  const Parameters parameters = ParseParameters(raw_query);
  const std::string limit = FirstParameter(parameters, "limit");
  const Fault* const small = FindFault(call.faults, "small_limit");
  if (small != nullptr && std::atoll(limit.c_str()) > FaultNumber(*small)) {
    return Refuse("limit must be at most " + small->value);
  }
  if (FindFault(call.faults, "no_order") != nullptr &&
      !FirstParameter(parameters, "order").empty()) {
    return Refuse("order is not supported");
  }
  return Ok{};
}

TaskReply TaskEndpoint::List(std::string_view raw_query, const Call& call) {
  if (const auto liked = CheckTaste(raw_query, call); !liked) {
    return {ErrorReply(400, "badRequest", liked.error().message, style_)};
  }
  const auto request = ReadRequest(raw_query, call);
  if (!request) {
    return {ErrorReply(400, "badRequest", request.error().message, style_)};
  }
  ActOnWorld(*request, call);
  if (request->query.lod == Lod::kCount) {
    const std::uint64_t count = lister_.Count(request->query, ScopeOf(call));
    return {JsonReply(Envelope("", count, "", call))};
  }
  Page page = MakePage(*request, call);
  Reply reply = JsonReply(Render(page, request->query.lod, call));
  const auto unreadable = [&](TaskStore::Index index) {
    return IsUnreadable(call.faults, world_.Store().At(index));
  };
  if (std::ranges::any_of(page.items, unreadable)) {
    reply.body.insert(reply.body.size() / 2, 1, '\0');
    return {.reply = std::move(reply), .unreadable = true};  // Shows no task.
  }
  if (call.resource == Resource::kActivities) {
    return {std::move(reply)};  // Shows no task.
  }
  return {std::move(reply), std::move(page.items), call.grant.client_id};
}

TaskReply TaskEndpoint::One(std::string_view id, const Call& call) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc() || end != id.data() + id.size()) {
    return {
        ErrorReply(400, "badRequest",
                   "strconv.ParseInt: parsing \"" + std::string(id) + "\": invalid syntax", style_),
        {}};
  }
  const auto index = world_.Store().Find(number);
  const ListScope scope = ScopeOf(call);
  const TaskStore& store = world_.Store();
  const TaskRecord* const record = index ? &store.At(*index) : nullptr;
  const bool gone = record == nullptr ||
                    (record->completed != kNoTime && record->completed < scope.oldest_kept) ||
                    !world_.Tenants()[record->tenant].locator.starts_with(scope.locator);
  if (gone) {
    return {ErrorReply(404, "notFound", "Not found.", style_)};
  }
  std::string body;
  if (call.resource == Resource::kActivities) {
    if (record->started == kNoTime) {
      return {ErrorReply(404, "notFound", "Not found.", style_)};
    }
    AppendActivityJson(body, {*record, store.Pool(), world_.Tenants()[record->tenant]}, Lod::kLong);
    return {JsonReply(std::move(body))};
  }
  AppendTaskJson(body, {*record, store.Pool(), world_.Tenants()[record->tenant]}, Lod::kLong,
                 nullptr);
  return {JsonReply(std::move(body)), {*index}, call.grant.client_id};
}

}  // namespace acronis::simulator
