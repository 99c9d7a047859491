#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "plugin/api/account_api.h"
#include "plugin/api/task_client.h"
#include "plugin/core/time_format.h"
#include "plugin/simulator/simulator.h"
#include "plugin/simulator/simulator_server.h"
#include "tests/fakes/call_recorder.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/recording_logger.h"

namespace acronis::api {
namespace {

using test::FakeClock;

/// The client against the simulated service over real TLS. The service's time stands still.
class Contract : public ::testing::Test {
 protected:
  Contract() {
    std::string pattern = (std::filesystem::temp_directory_path() / "contract-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~Contract() override {
    api_.reset();
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void Start(simulator::SimulatorOptions options) {
    options.client_id = "client";
    options.client_secret = Secret("s3cret");
    simulator_ = std::make_unique<simulator::Simulator>(std::move(options), service_clock_);
    simulator::ServerOptions server;
    server.directory = directory_;
    server_ = std::make_unique<simulator::SimulatorServer>(*simulator_, server);
    account_.name = "emea";
    account_.base_url = "https://localhost:" + std::to_string(server_->Port());
    account_.ca_file = server_->CaFile();
    account_.client_id = "client";
    account_.client_secret = Secret("s3cret");
    account_.poll.max_requests_per_minute = 1'000'000;
    Connect();
  }
  void Start() {
    simulator::SimulatorOptions options;
    options.rate = 0.5;
    options.history = std::chrono::hours(1);
    options.strict = true;
    Start(std::move(options));
  }

  void Connect() {
    auto opened = AccountApi::Open(account_, "contract/1", {clock_, log_, calls_});
    ASSERT_TRUE(opened) << opened.error().message;
    api_ = std::move(opened).value();
  }

  static TaskQuery Completed(int limit = 100) {
    TaskQuery query;
    EXPECT_TRUE(query.AddFilter("state", "completed"));
    EXPECT_TRUE(query.SetOrder("asc(completedAt)"));
    EXPECT_TRUE(query.SetLimit(limit));
    return query;
  }

  Result<TaskPage> FirstPage(const TaskQuery& query, PageUse use = PageUse::kCounting) {
    return api_->Client().FetchPage(query, std::nullopt, use, {});
  }

  /// Everything a query shows; what stopped the walk, if anything did.
  struct Walked {
    std::vector<Task> tasks{};
    std::size_t invalid = 0;
    std::size_t pages = 0;
    std::optional<Error> error{};
  };
  Walked Walk(const TaskQuery& query, PageUse use = PageUse::kCounting) {
    Walked walked;
    TaskWalk walk(api_->Client(), query, use, 1000);
    for (;;) {
      auto page = walk.Next({});
      if (!page) {
        walked.error = std::move(page).error();
        return walked;
      }
      if (!*page) {
        return walked;
      }
      ++walked.pages;
      walked.invalid += (*page)->invalid.size();
      walked.tasks.insert(walked.tasks.end(), (*page)->tasks.begin(), (*page)->tasks.end());
    }
  }

  static simulator::CountsByQueueAndResult Count(const std::vector<Task>& tasks) {
    simulator::CountsByQueueAndResult counts;
    std::set<std::int64_t> seen;
    for (const auto& task : tasks) {
      if (seen.insert(task.id).second) {
        ++counts[{task.queue, task.result_code}];
      }
    }
    return counts;
  }

  FakeClock service_clock_;
  SystemClock clock_;
  fakes::RecordingLogger log_;
  fakes::CallRecorder calls_;
  AccountOptions account_;
  std::filesystem::path directory_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::unique_ptr<simulator::SimulatorServer> server_;
  std::unique_ptr<AccountApi> api_;
};

TEST_F(Contract, EveryCompletedTaskIsReadOnceAndExactly) {
  Start();
  const auto walked = Walk(Completed());
  ASSERT_FALSE(walked.error) << walked.error->message;
  EXPECT_EQ(walked.invalid, 0U);
  EXPECT_GT(walked.pages, 5U);
  EXPECT_EQ(Count(walked.tasks), simulator_->Truth());
  std::vector<std::int64_t> ids;
  for (const auto& task : walked.tasks) {
    ids.push_back(task.id);
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, simulator_->Shown("client"));
}

TEST_F(Contract, AWindowIsHalfOpenToTheNanosecond) {
  Start();
  const auto all = Walk(Completed()).tasks;
  ASSERT_GT(all.size(), 20U);
  const TimePoint from = *all[5].completed_at;
  const TimePoint to = *all[15].completed_at;
  auto query = Completed();
  query.AddTimeBound("completedAt", Comparison::kGreater, from - std::chrono::nanoseconds(1));
  query.AddTimeBound("completedAt", Comparison::kLess, to);
  const auto walked = Walk(query);
  ASSERT_FALSE(walked.error) << walked.error->message;
  EXPECT_EQ(Count(walked.tasks), simulator_->Truth(from, to));
}

TEST_F(Contract, WaitingTasksAreListedByState) {
  Start();
  TaskQuery query;
  for (const auto state : kInFlightStates) {
    ASSERT_TRUE(query.AddFilter("state", state));
  }
  ASSERT_TRUE(query.SetOrder("asc(enqueuedAt)"));
  const auto walked = Walk(query, PageUse::kInFlight);
  ASSERT_FALSE(walked.error) << walked.error->message;
  EXPECT_FALSE(walked.tasks.empty());
  for (const auto& task : walked.tasks) {
    EXPECT_NE(task.state, kCompletedState);
    EXPECT_TRUE(task.enqueued_at);
  }
}

TEST_F(Contract, ServerTimeIsTheServicesOwn) {
  Start();
  const auto page = FirstPage(Completed());
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_TRUE(page->server_time);
  EXPECT_LE(*page->server_time, service_clock_.Now());
  EXPECT_GT(*page->server_time, service_clock_.Now() - std::chrono::seconds(2));
}

TEST_F(Contract, OneConnectionServesAWholeWalk) {
  Start();
  ASSERT_FALSE(Walk(Completed()).error);
  ASSERT_FALSE(Walk(Completed()).error);
  EXPECT_EQ(server_->Connections(), 2U) << "one for tokens, one for tasks";
}

TEST_F(Contract, ATokenThatEndsDuringAWalkIsRenewed) {
  Start();
  TaskWalk walk(api_->Client(), Completed(), PageUse::kCounting, 1000);
  ASSERT_TRUE(walk.Next({}));
  simulator_->RevokeTokens();
  const auto second = walk.Next({});
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_TRUE(second->has_value());
}

TEST_F(Contract, ATenantsTokenShowsThatTenantOnly) {
  Start();
  const auto all = Walk(Completed()).tasks;
  account_.tenant = simulator_->TenantUuid(0);
  Connect();
  const auto some = Walk(Completed());
  ASSERT_FALSE(some.error) << some.error->message;
  EXPECT_LT(some.tasks.size(), all.size());
}

TEST_F(Contract, AWrongSecretIsAnAuthError) {
  Start();
  account_.client_secret = Secret("not-the-s3cret");
  Connect();
  const auto page = FirstPage(Completed());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kAuth);
  EXPECT_EQ(page.error().message.find("s3cret"), std::string::npos);
}

TEST_F(Contract, NothingIsSentToAServerThatIsNotTrusted) {
  Start();
  account_.ca_file.clear();
  Connect();
  const auto page = FirstPage(Completed());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kTls);
}

struct FilterCase {
  std::string field;
  std::string value;
};
class AcceptedFilter : public Contract, public ::testing::WithParamInterface<FilterCase> {};

TEST_P(AcceptedFilter, IsAcceptedByTheServiceToo) {
  Start();
  TaskQuery query;
  ASSERT_TRUE(query.AddFilter(GetParam().field, GetParam().value));
  const auto page = FirstPage(query, PageUse::kListing);
  EXPECT_TRUE(page) << page.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Grammar, AcceptedFilter,
    ::testing::Values(FilterCase{"state", "completed"}, FilterCase{"state", "ge(started)"},
                      FilterCase{"resultCode", "error"}, FilterCase{"priority", "gt(low)"},
                      FilterCase{"type", "policy.apply"}, FilterCase{"queue", "le(m)"},
                      FilterCase{"id", "gt(944455285181775872)"},
                      FilterCase{"uuid", "38045860-8901-426e-b51f-fc6d24d1cbe0"},
                      FilterCase{"resourceId", "x"}, FilterCase{"resourceName", "Büro & Lager+1"},
                      FilterCase{"resourceType", "machine"}, FilterCase{"policyId", "x"},
                      FilterCase{"policyName", "50% \"Täglich\""},
                      FilterCase{"policyType", "backup"}, FilterCase{"startedBy", "HOST\\AMS User"},
                      FilterCase{"executorId", "x"}, FilterCase{"workflowId", "1"},
                      FilterCase{"tag", "x"}, FilterCase{"affinityAgentId", "x"},
                      FilterCase{"affinityClusterId", "x"},
                      FilterCase{"enqueuedAt", "gt(1587553200)"},
                      FilterCase{"assignedAt", "ge(2020-04-22T11:00:00+02:00)"},
                      FilterCase{"startedAt", "lt(Wed, 22 Apr 2020 11:00:00 GMT)"},
                      FilterCase{"updatedAt", "ge(1587553200000000001ns)"},
                      FilterCase{"completedAt", "le(Wed Apr 22 11:00:00 2020)"},
                      FilterCase{"allow_deleted", "true"}),
    [](const auto& instance) { return instance.param.field + std::to_string(instance.index); });

class AcceptedOrder : public Contract, public ::testing::WithParamInterface<const char*> {};

TEST_P(AcceptedOrder, IsAcceptedByTheServiceToo) {
  Start();
  for (const std::string function : {"asc", "desc"}) {
    TaskQuery query;
    ASSERT_TRUE(query.SetOrder(function + "(" + GetParam() + ")"));
    const auto page = FirstPage(query, PageUse::kListing);
    EXPECT_TRUE(page) << page.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(Orders, AcceptedOrder,
                         ::testing::Values("completedAt", "updatedAt", "enqueuedAt", "startedAt",
                                           "id"),
                         [](const auto& instance) { return std::string(instance.param); });

class LevelOfDetail : public Contract, public ::testing::WithParamInterface<const char*> {};

TEST_P(LevelOfDetail, NeverCostsAnId) {
  Start();
  auto query = Completed();
  ASSERT_TRUE(query.SetLod(GetParam()));
  const auto walked = Walk(query, PageUse::kListing);
  ASSERT_FALSE(walked.error) << walked.error->message;
  EXPECT_EQ(walked.invalid, 0U);
  EXPECT_FALSE(walked.tasks.empty());
}

INSTANTIATE_TEST_SUITE_P(Levels, LevelOfDetail,
                         ::testing::Values("tiny", "short", "long", "full", "debug"),
                         [](const auto& instance) { return std::string(instance.param); });

struct FaultCase {
  std::string name;
  std::string value;
  std::string path;
  ErrorKind kind;
};
void PrintTo(const FaultCase& fault, std::ostream* out) {
  *out << fault.name << '=' << fault.value;
}
class FaultyService : public Contract, public ::testing::WithParamInterface<FaultCase> {};

TEST_P(FaultyService, FailsAsItsKindAndRecovers) {
  Start();
  account_.poll.request_timeout = std::chrono::seconds(2);
  Connect();
  ASSERT_TRUE(FirstPage(Completed()));
  const auto& fault = GetParam();
  ASSERT_TRUE(simulator_->Faults().Set({fault.name, fault.value, fault.path, -1}));
  const auto walked = Walk(Completed());
  ASSERT_TRUE(walked.error) << walked.tasks.size() << " tasks and no error";
  EXPECT_EQ(ToLabel(walked.error->kind), ToLabel(fault.kind)) << walked.error->message;
  EXPECT_FALSE(walked.error->message.empty());
  simulator_->Faults().ClearAll();
  if (fault.kind == ErrorKind::kRateLimited || fault.kind == ErrorKind::kAuth) {
    Connect();  // The account would leave the service alone for a while.
  }
  const auto after = Walk(Completed());
  EXPECT_FALSE(after.error) << after.error->message;
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, FaultyService,
    ::testing::Values(FaultCase{"reset", "", "tasks", ErrorKind::kNetwork},
                      FaultCase{"reset_in_headers", "", "tasks", ErrorKind::kNetwork},
                      FaultCase{"drip_headers", "100", "", ErrorKind::kTimeout},
                      FaultCase{"drip", "100", "", ErrorKind::kTimeout},
                      FaultCase{"hang", "", "", ErrorKind::kTimeout},
                      FaultCase{"stall", "", "", ErrorKind::kTimeout},
                      FaultCase{"cut_body", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"cut_chunk", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"bad_chunk", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"huge_chunk", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"gzip_bomb", "16", "", ErrorKind::kInvalidResponse},
                      FaultCase{"wrong_encoding", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"wrong_encoding", "br", "", ErrorKind::kInvalidResponse},
                      FaultCase{"nested_encoding", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"huge_body", "1024", "", ErrorKind::kInvalidResponse},
                      FaultCase{"endless_header", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"many_headers", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"huge_header", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "cut", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "deep", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "duplicate_keys", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "nan", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "infinity", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "bom", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "lone_surrogate", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "huge_number", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "exponent", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "empty", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "garbage", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "trailing", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "array", "", ErrorKind::kInvalidResponse},
                      FaultCase{"invalid_json", "items_object", "", ErrorKind::kInvalidResponse},
                      FaultCase{"unauthorized", "", "", ErrorKind::kAuth},
                      FaultCase{"status", "403", "", ErrorKind::kForbidden},
                      FaultCase{"status", "404", "", ErrorKind::kNotFound},
                      FaultCase{"status", "409", "", ErrorKind::kBadRequest},
                      FaultCase{"status", "500", "", ErrorKind::kServerError},
                      FaultCase{"status", "520", "", ErrorKind::kServerError},
                      FaultCase{"rate_limit", "none", "", ErrorKind::kRateLimited},
                      FaultCase{"rate_limit", "date", "", ErrorKind::kRateLimited},
                      FaultCase{"unavailable", "7", "", ErrorKind::kRateLimited},
                      FaultCase{"html_error", "502", "", ErrorKind::kServerError},
                      FaultCase{"html_ok", "", "", ErrorKind::kInvalidResponse},
                      FaultCase{"redirect", "302", "", ErrorKind::kInvalidResponse},
                      FaultCase{"redirect", "loop", "", ErrorKind::kInvalidResponse},
                      FaultCase{"cursor_self", "", "", ErrorKind::kCursor},
                      FaultCase{"cursor_loop", "2", "", ErrorKind::kCursor},
                      FaultCase{"cursor_expired", "400", "", ErrorKind::kCursor},
                      FaultCase{"cursor_expired", "404", "", ErrorKind::kCursor},
                      FaultCase{"cursor_expired", "410", "", ErrorKind::kCursor}),
    [](const auto& instance) {
      return instance.param.name + "_" + instance.param.value + std::to_string(instance.index);
    });

struct HarmlessCase {
  std::string name;
  std::string value;
};
void PrintTo(const HarmlessCase& fault, std::ostream* out) {
  *out << fault.name << '=' << fault.value;
}
class HarmlessFault : public Contract, public ::testing::WithParamInterface<HarmlessCase> {};

TEST_P(HarmlessFault, LosesNothing) {
  Start();
  const auto expected = Count(Walk(Completed()).tasks);
  ASSERT_TRUE(simulator_->Faults().Set({GetParam().name, GetParam().value, "", 0}));
  const auto walked = Walk(Completed());
  ASSERT_FALSE(walked.error) << walked.error->message;
  EXPECT_EQ(walked.invalid, 0U);
  EXPECT_EQ(Count(walked.tasks), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, HarmlessFault,
    ::testing::Values(HarmlessCase{"idle_close", ""}, HarmlessCase{"expire_tokens", ""},
                      HarmlessCase{"new_fields", ""}, HarmlessCase{"empty_page", ""},
                      HarmlessCase{"gzip", ""}, HarmlessCase{"invalid_json", "invalid_utf8"},
                      HarmlessCase{"duplicate_in_page", ""},
                      HarmlessCase{"duplicate_across_pages", ""}, HarmlessCase{"date_missing", ""},
                      HarmlessCase{"date_absurd", ""}, HarmlessCase{"timestamp_missing", ""},
                      HarmlessCase{"date_shift", "3600"}),
    [](const auto& instance) { return instance.param.name + std::to_string(instance.index); });

TEST_F(Contract, GzipSavesMostOfTheTransfer) {
  Start();
  const auto received = [this] {
    const auto page = FirstPage(Completed());
    EXPECT_TRUE(page) << page.error().message;
    const std::string request = "request emea tasks 200 ";
    const auto calls = calls_.Calls();
    const auto last = std::find_if(calls.rbegin(), calls.rend(), [&](const std::string& call) {
      return call.starts_with(request);
    });
    return last == calls.rend() ? 0UL : std::stoul(last->substr(request.size()));
  };
  const auto plain = received();
  ASSERT_TRUE(simulator_->Faults().Set({"gzip", "", "", -1}));
  const auto packed = received();
  EXPECT_GT(packed, 0U);
  EXPECT_LT(packed * 3, plain);
}

class TwistedField : public Contract, public ::testing::WithParamInterface<const char*> {};

TEST_P(TwistedField, CostsNoOtherTask) {
  Start();
  const auto ids_of = [](const std::vector<Task>& tasks) {
    std::set<std::int64_t> ids;
    for (const auto& task : tasks) {
      ids.insert(task.id);
    }
    return ids;
  };
  const auto page = FirstPage(Completed());
  ASSERT_TRUE(page) << page.error().message;
  const auto others = ids_of({page->tasks.begin() + 1, page->tasks.end()});
  for (const char* const kind :
       {"missing", "null", "string", "number", "array", "object", "empty", "long", "bool"}) {
    const std::string value = GetParam() + std::string("=") + kind;
    ASSERT_TRUE(simulator_->Faults().Set({"wrong_type", value, "", -1}));
    const auto twisted = FirstPage(Completed());
    ASSERT_TRUE(twisted) << value << ": " << twisted.error().message;
    EXPECT_EQ(twisted->Records(), page->Records()) << value;
    auto kept = ids_of(twisted->tasks);
    EXPECT_LE(kept.size(), page->tasks.size()) << value;
    EXPECT_TRUE(std::includes(kept.begin(), kept.end(), others.begin(), others.end())) << value;
  }
}

INSTANTIATE_TEST_SUITE_P(Fields, TwistedField,
                         ::testing::Values("uuid", "type", "queue", "priority", "tenant",
                                           "tenant.id", "tenant.name", "cancellable",
                                           "startedByUser", "policy", "policy.type", "resource",
                                           "resource.id", "context", "id", "idString", "state",
                                           "issuer", "executor", "progress", "enqueuedAt",
                                           "assignedAt", "startedAt", "updatedAt", "completedAt",
                                           "cancelRequested", "result", "result.code"),
                         [](const auto& instance) {
                           std::string name = instance.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

/// A field of the envelope, and the kinds with which the page is good all the same.
struct EnvelopeCase {
  std::string field;
  std::set<std::string> harmless;
  bool ends_walk;  ///< A harmless kind hides the pages behind this one.
};
class TwistedEnvelope : public Contract, public ::testing::WithParamInterface<EnvelopeCase> {};

TEST_P(TwistedEnvelope, IsReadOrRefusedAsAWhole) {
  Start();
  const auto whole = FirstPage(Completed(10));
  ASSERT_TRUE(whole) << whole.error().message;
  for (const char* const kind :
       {"missing", "null", "string", "number", "array", "object", "empty", "long", "bool"}) {
    const std::string value = GetParam().field + "=" + kind;
    ASSERT_TRUE(simulator_->Faults().Set({"wrong_envelope", value, "", -1}));
    const auto twisted = FirstPage(Completed(10));
    if (!GetParam().harmless.contains(kind)) {
      ASSERT_FALSE(twisted) << value;
      EXPECT_EQ(twisted.error().kind, ErrorKind::kInvalidResponse) << value;
      continue;
    }
    ASSERT_TRUE(twisted) << value << ": " << twisted.error().message;
    EXPECT_EQ(twisted->tasks.size(), GetParam().field == "items" ? 0U : whole->tasks.size());
    EXPECT_EQ(twisted->next_cursor.has_value(),
              !GetParam().ends_walk || kind[0] == 's' || kind[0] == 'l')
        << value;
  }
}

const std::set<std::string> kEveryKind = {"missing", "null",  "string", "number", "array",
                                          "object",  "empty", "long",   "bool"};
INSTANTIATE_TEST_SUITE_P(
    Fields, TwistedEnvelope,
    ::testing::Values(
        EnvelopeCase{"items", {"array"}, false}, EnvelopeCase{"size", kEveryKind, false},
        EnvelopeCase{"timeStamp", kEveryKind, false},
        EnvelopeCase{"paging", {"missing", "null", "object"}, true},
        EnvelopeCase{"paging.cursors", {"missing", "null", "object"}, true},
        EnvelopeCase{"paging.cursors.after", {"missing", "null", "empty", "string", "long"}, true}),
    [](const auto& instance) {
      std::string name = instance.param.field;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

class ErrorStyle : public Contract,
                   public ::testing::WithParamInterface<simulator::ErrorBodyStyle> {};

TEST_P(ErrorStyle, IsReadable) {
  simulator::SimulatorOptions options;
  options.rate = 0;
  options.error_style = GetParam();
  Start(std::move(options));
  ASSERT_TRUE(simulator_->Faults().Set({"status", "403", "", -1}));
  const auto page = FirstPage(Completed());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::kForbidden);
  EXPECT_TRUE(page.error().message.starts_with("task query: HTTP 403"));
  EXPECT_EQ(page.error().message.find('{'), std::string::npos) << page.error().message;
  EXPECT_EQ(page.error().message.find('<'), std::string::npos) << page.error().message;
}

INSTANTIATE_TEST_SUITE_P(Styles, ErrorStyle,
                         ::testing::Values(simulator::ErrorBodyStyle::kWrapped,
                                           simulator::ErrorBodyStyle::kFlat,
                                           simulator::ErrorBodyStyle::kPlatform,
                                           simulator::ErrorBodyStyle::kStorageManager,
                                           simulator::ErrorBodyStyle::kHtml,
                                           simulator::ErrorBodyStyle::kEmpty));

class FlawedTls : public Contract, public ::testing::WithParamInterface<std::string_view> {};

TEST_P(FlawedTls, IsRefusedUntilItIsMended) {
  Start();
  ASSERT_TRUE(simulator_->Faults().Set({.name = "tls", .value = std::string(GetParam())}));
  const auto refused = FirstPage(Completed());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kTls) << refused.error().message;
  EXPECT_TRUE(simulator_->Clients().empty()) << "something was shown over a bad connection";

  simulator_->Faults().ClearAll();
  api_->SharedTraffic().BeginCycle();  // Within one a token is not asked for again.
  const auto page = FirstPage(Completed());
  EXPECT_TRUE(page) << page.error().message;
}

INSTANTIATE_TEST_SUITE_P(Flaws, FlawedTls, ::testing::ValuesIn(simulator::kTlsFlaws),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace acronis::api
