#include "plugin/simulator/simulator.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "plugin/simulator/dice.h"
#include "plugin/simulator/error_body.h"
#include "plugin/simulator/reply_faults.h"
#include "plugin/simulator/shown_ledger.h"
#include "plugin/simulator/task_endpoint.h"
#include "plugin/simulator/text_format.h"
#include "plugin/simulator/token_endpoint.h"
#include "plugin/simulator/url_query.h"
#include "plugin/simulator/world.h"

namespace acronis::simulator {

namespace {

constexpr std::string_view kTasksPath = "/api/task_manager/v2/tasks";
constexpr std::string_view kActivitiesPath = "/api/task_manager/v2/activities";
constexpr std::string_view kClientsPath = "/api/2/clients/";
constexpr std::string_view kAccountsPath = "/api/1/accounts";

std::int64_t Nanoseconds(TimePoint time) {
  return time.time_since_epoch().count();
}

std::int64_t Seconds(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// A target, taken apart.
struct Route {
  std::string path{};
  std::string_view raw_query{};
  Endpoint endpoint = Endpoint::kOther;
  bool later_page = false;
};

Route RouteOf(std::string_view target) {
  Route route;
  const std::size_t mark = std::min(target.find('?'), target.size());
  route.path = DecodePercent(target.substr(0, mark));
  route.raw_query = target.substr(std::min(mark + 1, target.size()));
  if (route.path == "/api/2/idp/token" || route.path == "/bc/idp/token") {
    route.endpoint = Endpoint::kToken;
  } else if (route.path.starts_with(kTasksPath)) {
    route.endpoint = Endpoint::kTasks;
    route.later_page = !FirstParameter(ParseParameters(route.raw_query), "after").empty();
  }
  return route;
}

/// The short form of ids that the service's toolkit uses.
std::string InternalRequestId(std::uint64_t number) {
  constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuv";
  constexpr std::size_t kLength = 20;
  std::string id;
  for (std::size_t n = 0; n < kLength; ++n) {
    id += kAlphabet[Mix(number, n) % kAlphabet.size()];
  }
  return id;
}

bool HidesItems(const Fault* fault) {
  return fault != nullptr && fault->value.starts_with("items=");
}

/// A fault keeps the client from reading what the answer holds.
bool IsSpoiled(const std::vector<Fault>& faults, const Reply& reply) {
  const Wire wire = reply.delivery.wire;
  const Fault* const json = FindFault(faults, "invalid_json");
  return (json != nullptr && json->value != "invalid_utf8") ||
         FindFault(faults, "gzip_bomb") != nullptr ||
         FindFault(faults, "wrong_encoding") != nullptr ||
         FindFault(faults, "nested_encoding") != nullptr ||
         HidesItems(FindFault(faults, "wrong_envelope")) ||
         (wire != Wire::kWhole && wire != Wire::kTrailingGarbage &&
          wire != Wire::kCloseAfterReply && wire != Wire::kDripBody && wire != Wire::kDripHeaders);
}

/// Without `unreadable`, which strikes many answers and spoils a few.
std::vector<Fault> AtWork(std::vector<Fault> faults) {
  std::erase_if(faults, [](const Fault& fault) { return fault.name == "unreadable"; });
  return faults;
}

}  // namespace

/// Everything behind Handle(). `mutex` guards all but the board, the log of traffic and the hook.
class Simulator::State {
 public:
  State(SimulatorOptions simulator_options, Clock& injected_clock)
      : options(std::move(simulator_options)),
        clock(injected_clock),
        world(options, Nanoseconds(clock.Now())),
        tokens(options, world.Tenants()),
        tasks(options, world) {}

  Reply Answer(const Request& request, const Route& route, const std::vector<Fault>& faults);
  void AddCommonHeaders(const Request& request, TimePoint shown_now, Reply& reply);
  std::int64_t Catch();

  const SimulatorOptions options;
  Clock& clock;
  FaultBoard board;
  TrafficLog traffic;
  std::function<void(const Request&)> hook;
  std::mutex mutex;
  World world;
  TokenEndpoint tokens;
  TaskEndpoint tasks;
  ShownLedger shown;
  std::optional<TimePoint> frozen_at;
  std::uint64_t requests = 0;

 private:
  TaskReply AnswerAuthorized(const Request& request, const Route& route, TimePoint now,
                             TimePoint shown_now, const std::vector<Fault>& faults);
  Reply AnswerAccounts(const Request& request, const Route& route) const;
  /// `base` is the path of the listing that `call` names.
  TaskReply AnswerListing(const Route& route, std::string_view base,
                          const TaskEndpoint::Call& call);
  TaskReply NotFound() const {
    return {ErrorReply(404, "notFound", "Not found.", options.error_style)};
  }
  void NoteShown(const TaskReply& answer);
  /// The moment that is shown to a listing: `now`, unless time is frozen.
  TimePoint VisibleNow(const Route& route, TimePoint now, const std::vector<Fault>& faults);
};

std::int64_t Simulator::State::Catch() {
  const std::int64_t now = Nanoseconds(clock.Now());
  world.Advance(now);
  return now;
}

TimePoint Simulator::State::VisibleNow(const Route& route, TimePoint now,
                                       const std::vector<Fault>& faults) {
  if (route.endpoint != Endpoint::kTasks) {
    return now;
  }
  if (FindFault(faults, "frozen") == nullptr) {
    frozen_at.reset();
    world.Advance(Nanoseconds(now));
    return now;
  }
  if (!frozen_at) {
    world.Advance(Nanoseconds(now));
    frozen_at = now;
  }
  return *frozen_at;
}

Reply Simulator::State::Answer(const Request& request, const Route& route,
                               const std::vector<Fault>& faults) {
  const TimePoint now = VisibleNow(route, clock.Now(), faults);
  const Fault* const shift = FindFault(faults, "date_shift");
  const TimePoint shown_now =
      now + std::chrono::seconds(shift == nullptr ? 0 : FaultNumber(*shift));
  if (FindFault(faults, "expire_tokens") != nullptr) {
    tokens.RevokeAll();
  }
  TaskReply answer;
  if (auto instead = ReplyInstead(faults, request, shown_now, options.error_style)) {
    answer.reply = std::move(*instead);
  } else if (route.endpoint == Endpoint::kToken) {
    answer.reply = tokens.Issue(request, Seconds(now), faults);
  } else if (route.path == kAccountsPath) {
    answer.reply = AnswerAccounts(request, route);
  } else {
    answer = AnswerAuthorized(request, route, now, shown_now, faults);
  }
  AddCommonHeaders(request, shown_now, answer.reply);
  SpoilReply(faults, request, answer.reply);
  if (!IsSpoiled(faults, answer.reply)) {
    NoteShown(answer);
  }
  traffic.NoteAnswer(route.endpoint, answer.unreadable ? faults : AtWork(faults), answer.reply);
  return std::move(answer.reply);
}

Reply Simulator::State::AnswerAccounts(const Request& request, const Route& route) const {
  const std::string login = FirstParameter(ParseParameters(route.raw_query), "login");
  if (login.empty()) {
    return ErrorReply(400, "badRequest", "login is required", options.error_style);
  }
  return JsonReply(R"({"server_url":)" +
                   JsonString("https://" + std::string(FindHeader(request.headers, "Host"))) +
                   R"(,"id":0,"login":)" + JsonString(login) + '}');
}

TaskReply Simulator::State::AnswerAuthorized(const Request& request, const Route& route,
                                             TimePoint now, TimePoint shown_now,
                                             const std::vector<Fault>& faults) {
  const std::string_view authorization = FindHeader(request.headers, "Authorization");
  const auto grant = tokens.Check(authorization, Seconds(clock.Now()));
  if (!grant) {
    return {authorization.empty()
                ? ErrorReply(401, "bearerTokenMissing", "Authorization bearer token is missing.",
                             options.error_style)
                : ErrorReply(401, "authenticationFailed", "Authentication has failed.",
                             options.error_style)};
  }
  if (request.method != "GET") {
    return {ErrorReply(405, "methodNotAllowed", "Method not allowed.", options.error_style)};
  }
  if (route.endpoint == Endpoint::kTasks) {
    return AnswerListing(route, kTasksPath,
                         {*grant, faults, Nanoseconds(now), Nanoseconds(shown_now)});
  }
  if (route.path.starts_with(kActivitiesPath)) {
    return AnswerListing(
        route, kActivitiesPath,
        {*grant, faults, Nanoseconds(now), Nanoseconds(shown_now), Resource::kActivities});
  }
  if (route.path == std::string(kClientsPath) + grant->client_id) {
    return {JsonReply(R"({"client_id":)" + JsonString(grant->client_id) + R"(,"tenant_id":")" +
                      RootTenant(options.seed).uuid + R"(","type":"api_client"})")};
  }
  return NotFound();
}

TaskReply Simulator::State::AnswerListing(const Route& route, std::string_view base,
                                          const TaskEndpoint::Call& call) {
  const std::string_view rest = std::string_view(route.path).substr(base.size());
  if (!rest.empty() && (rest.front() != '/' || rest.size() == 1)) {
    return NotFound();
  }
  return rest.empty() ? tasks.List(route.raw_query, call) : tasks.One(rest.substr(1), call);
}

void Simulator::State::NoteShown(const TaskReply& answer) {
  for (const TaskStore::Index index : answer.items) {
    const TaskRecord& record = world.Store().At(index);
    if (world.Store().IsFinished(record)) {
      shown.Note(answer.client_id, record, world.Store().Pool());
    }
  }
}

void Simulator::State::AddCommonHeaders(const Request& request, TimePoint shown_now, Reply& reply) {
  ++requests;
  SetHeader(reply.headers, "Server", "nginx");
  SetHeader(reply.headers, "Date", FormatHttpDate(shown_now));
  const std::string_view id = FindHeader(request.headers, "X-Request-ID");
  SetHeader(reply.headers, "X-Request-ID",
            id.empty() ? InternalRequestId(Mix(requests)) : std::string(id));
  SetHeader(reply.headers, "X-Int-Request-ID", InternalRequestId(requests));
}

Simulator::Simulator(SimulatorOptions options, Clock& clock)
    : state_(std::make_unique<State>(std::move(options), clock)) {}

Simulator::~Simulator() = default;

Reply Simulator::Handle(const Request& request) {
  if (state_->hook) {
    state_->hook(request);
  }
  const Route route = RouteOf(request.target);
  state_->traffic.NoteRequest(request);
  std::vector<Fault> faults = state_->board.Strike(route.endpoint, route.later_page);
  if (request.earlier == 0) {
    std::erase_if(faults, [](const Fault& fault) { return fault.name == "stale"; });
  }
  const std::lock_guard lock(state_->mutex);
  return state_->Answer(request, route, faults);
}

FaultBoard& Simulator::Faults() {
  return state_->board;
}

TrafficLog& Simulator::Traffic() {
  return state_->traffic;
}

void Simulator::AddClient(const std::string& client_id, Secret secret) {
  const std::lock_guard lock(state_->mutex);
  state_->tokens.AddClient(client_id, std::move(secret));
}

void Simulator::RevokeTokens() {
  const std::lock_guard lock(state_->mutex);
  state_->tokens.RevokeAll();
}

std::int64_t Simulator::AddTask(const NewTask& task) {
  const std::lock_guard lock(state_->mutex);
  return state_->world.AddTask(task, state_->Catch());
}

bool Simulator::ChangeTask(std::int64_t id, const TaskChange& change) {
  const std::lock_guard lock(state_->mutex);
  return state_->world.ChangeTask(id, change, state_->Catch());
}

bool Simulator::RemoveTask(std::int64_t id) {
  const std::lock_guard lock(state_->mutex);
  return state_->world.RemoveTask(id);
}

void Simulator::OnRequest(std::function<void(const Request&)> hook) {
  state_->hook = std::move(hook);
}

std::string Simulator::TenantUuid(int tenant) const {
  const auto& tenants = state_->world.Tenants();
  return tenants[static_cast<std::size_t>(tenant) % tenants.size()].uuid;
}

std::uint64_t Simulator::TaskCount() {
  const std::lock_guard lock(state_->mutex);
  state_->Catch();
  return state_->world.Store().ById().size() + state_->world.Store().InFlight().size();
}

CountsByQueueAndResult Simulator::Truth(TimePoint from, TimePoint to) {
  const std::lock_guard lock(state_->mutex);
  state_->Catch();
  return state_->world.Truth(Nanoseconds(from), Nanoseconds(to));
}

CountsByQueueAndResult Simulator::Truth() {
  return Truth(TimePoint::min(), TimePoint::max());
}

CountsByQueueAndResult Simulator::ShownCounts(std::string_view client_id) const {
  const std::lock_guard lock(state_->mutex);
  return state_->shown.Counts(client_id);
}

std::vector<std::int64_t> Simulator::Shown(std::string_view client_id) const {
  const std::lock_guard lock(state_->mutex);
  return state_->shown.Ids(client_id);
}

std::size_t Simulator::ShownSize(std::string_view client_id) const {
  const std::lock_guard lock(state_->mutex);
  return state_->shown.Size(client_id);
}

std::optional<TimePoint> Simulator::CompletedAt(std::int64_t id) const {
  const std::lock_guard lock(state_->mutex);
  const TaskStore& store = state_->world.Store();
  const auto index = store.Find(id);
  if (!index || store.At(*index).completed == kNoTime) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::nanoseconds(store.At(*index).completed));
}

std::vector<std::string> Simulator::Clients() const {
  const std::lock_guard lock(state_->mutex);
  return state_->shown.Clients();
}

}  // namespace acronis::simulator
