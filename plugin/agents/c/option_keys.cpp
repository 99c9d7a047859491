#include "plugin/agents/c/option_keys.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include "plugin/core/duration.h"

namespace acronis::agents {
namespace {

/// Empty when the value was taken, else what is accepted.
template <typename Target>
using Setter = std::function<std::string(Target&, const std::string&)>;
template <typename Target>
using Setters = std::map<std::string_view, Setter<Target>>;

std::string Take(std::string& target, const std::string& value) {
  target = value;
  return {};
}

std::string Take(std::filesystem::path& target, const std::string& value) {
  target = value;
  return target.empty() || target.is_absolute() ? "" : "an absolute path";
}

std::string Take(std::chrono::nanoseconds& target, const std::string& value) {
  const auto read = ParseDuration(value);
  target = read.value_or(target);
  return read ? "" : std::string(kDurationForm);
}

template <typename Number>
std::string TakeNumber(Number& target, const std::string& value) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), target);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  return whole ? "" : "a whole number";
}
std::string Take(int& target, const std::string& value) {
  return TakeNumber(target, value);
}
std::string Take(std::uint64_t& target, const std::string& value) {
  return TakeNumber(target, value);
}

std::string Take(StartAt& target, const std::string& value) {
  const auto read = ParseStart(value);
  target = read.value_or(target);
  return read ? "" : StartForm();
}

std::string Take(PollField& target, const std::string& value) {
  target = value == "updatedAt" ? PollField::kUpdatedAt : PollField::kCompletedAt;
  return value == "updatedAt" || value == "completedAt" ? "" : "completedAt or updatedAt";
}

std::string Take(std::vector<std::string>& target, const std::string& value) {
  target.clear();
  std::istringstream words(value);
  for (std::string word; std::getline(words, word, ',');) {
    target.push_back(word);
  }
  return {};
}

template <typename Target, typename Member>
Setter<Target> Into(Member Target::*member) {
  return [member](Target& target, const std::string& value) { return Take(target.*member, value); };
}

const Setters<PollOptions>& PollKeys() {
  static const Setters<PollOptions> keys = {
      {"poll.interval", Into(&PollOptions::interval)},
      {"poll.overlap", Into(&PollOptions::overlap)},
      {"poll.sweep.every", Into(&PollOptions::sweep_every)},
      {"poll.sweep.window", Into(&PollOptions::sweep_window)},
      {"poll.settle", Into(&PollOptions::settle)},
      {"poll.retention", Into(&PollOptions::retention)},
      {"poll.start", Into(&PollOptions::start)},
      {"poll.field", Into(&PollOptions::field)},
      {"poll.page_size", Into(&PollOptions::page_size)},
      {"poll.lod", Into(&PollOptions::lod)},
      {"poll.concurrency", Into(&PollOptions::concurrency)},
      {"poll.max_requests_per_minute", Into(&PollOptions::max_requests_per_minute)},
      {"poll.connect_timeout", Into(&PollOptions::connect_timeout)},
      {"poll.request_timeout", Into(&PollOptions::request_timeout)},
  };
  return keys;
}

Setter<AccountOptions> Filter(const std::string& name) {
  return [name](AccountOptions& account, const std::string& value) {
    account.filters.emplace_back(name, value);
    return std::string();
  };
}

const Setters<AccountOptions>& AccountKeys() {
  static const Setters<AccountOptions> keys = {
      {"base_url", Into(&AccountOptions::base_url)},
      {"client_id", Into(&AccountOptions::client_id)},
      {"client_secret_file", Into(&AccountOptions::client_secret_file)},
      {"ca_file", Into(&AccountOptions::ca_file)},
      {"proxy_url", Into(&AccountOptions::proxy_url)},
      {"tenant", Into(&AccountOptions::tenant)},
      {"filters.queue", Filter("queue")},
      {"filters.type", Filter("type")},
      {"filters.policyType", Filter("policyType")},
  };
  return keys;
}

const Setters<MetricsOptions>& MetricsKeys() {
  static const Setters<MetricsOptions> keys = {
      {"metrics.series_hold", Into(&MetricsOptions::series_hold)},
      {"metrics.series_limit", Into(&MetricsOptions::series_limit)},
      {"metrics.success_codes", Into(&MetricsOptions::success_codes)},
  };
  return keys;
}

const Setters<StoreOptions>& StoreKeys() {
  static const Setters<StoreOptions> keys = {
      {"store.path", Into(&StoreOptions::path)},
      {"store.guard_path", Into(&StoreOptions::guard_path)},
  };
  return keys;
}

template <typename Target>
std::string NamesOf(const Setters<Target>& keys) {
  std::string names;
  for (const auto& [key, setter] : keys) {
    names += (names.empty() ? "" : ", ") + std::string(key);
  }
  return names;
}

/// Of one table, or empty when it does not have the key.
template <typename Target>
std::optional<Status> SetIn(const Setters<Target>& keys, Target& target, std::string_view key,
                            const std::string& value) {
  const auto found = keys.find(key);
  if (found == keys.end()) {
    return std::nullopt;
  }
  Target changed = target;
  if (const std::string accepted = found->second(changed, value); !accepted.empty()) {
    return Error{ErrorKind::kInvalidArgument,
                 std::string(key) + ": '" + value + "' is not accepted: must be " + accepted};
  }
  target = std::move(changed);
  return Status(Ok{});
}

Error UnknownKey(std::string_view key, const std::string& known) {
  return {ErrorKind::kInvalidArgument,
          "there is no option '" + std::string(key) + "'; options are: " + known};
}

AccountOptions& AccountOf(KeyedOptions& options, const std::string& name) {
  auto& accounts = options.collector.accounts;
  const auto found = std::ranges::find(accounts, name, &AccountOptions::name);
  if (found != accounts.end()) {
    return *found;
  }
  auto& account = accounts.emplace_back();
  account.name = name;
  account.poll = options.poll;
  return account;
}

}  // namespace

Status SetAccountOption(KeyedOptions& options, const std::string& account, std::string_view key,
                        const std::string& value) {
  AccountOptions& target = AccountOf(options, account);
  if (auto set = SetIn(AccountKeys(), target, key, value)) {
    return *std::move(set);
  }
  if (auto set = SetIn(PollKeys(), target.poll, key, value)) {
    return *std::move(set);
  }
  return UnknownKey(key, NamesOf(AccountKeys()) + ", " + NamesOf(PollKeys()));
}

Status SetSharedOption(KeyedOptions& options, std::string_view key, const std::string& value) {
  if (auto set = SetIn(PollKeys(), options.poll, key, value)) {
    return *std::move(set);
  }
  if (auto set = SetIn(MetricsKeys(), options.collector.metrics, key, value)) {
    return *std::move(set);
  }
  if (auto set = SetIn(StoreKeys(), options.collector.store, key, value)) {
    return *std::move(set);
  }
  return UnknownKey(
      key, NamesOf(MetricsKeys()) + ", " + NamesOf(PollKeys()) + ", " + NamesOf(StoreKeys()));
}

}  // namespace acronis::agents
