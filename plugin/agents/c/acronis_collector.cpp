#include "plugin/agents/c/acronis_collector.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigset_t is POSIX, not <csignal>'s.
#include <string>
#include <string_view>
#include <time.h>  // NOLINT(modernize-deprecated-headers): timespec is POSIX.
#include <utility>
#include <vector>

#include "plugin/agents/c/handle.h"
#include "plugin/agents/c/option_keys.h"
#include "plugin/metrics/sample_list.h"

using acronis::LogField;
using acronis::LogFields;
using acronis::LogLevel;
using acronis::Status;
using acronis::agents::KeyedOptions;
using acronis::agents::PageOf;

struct acronis_options {
  KeyedOptions keyed{};
};

namespace {

constexpr int kFailed = -1;

/// Where a function puts what went wrong.
struct ErrorBuffer {
  char* text;
  std::size_t size;

  void Put(std::string_view reason) const {
    if (text == nullptr || size == 0) {
      return;
    }
    const std::size_t length = std::min(reason.size(), size - 1);
    std::memcpy(text, reason.data(), length);
    text[length] = '\0';
    std::replace(text, text + length, '\n', ' ');
  }
};

/// Calls `work` and returns what it does, or `failed` and the reason when it throws.
template <typename Work>
auto Guarded(ErrorBuffer error, decltype(std::declval<Work>()()) failed, Work work) noexcept {
  try {
    return work();
  } catch (const std::exception& thrown) {
    error.Put(thrown.what());
  } catch (...) {
    error.Put("something that is no exception was thrown");
  }
  return failed;
}

/// No signal is for the calling thread, nor for those that it starts: a signal is the agent's, and
/// a peer that hangs up must not end it by SIGPIPE.
class QuietSignals {
 public:
  QuietSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~QuietSignals() {
    // One that a write of ours has left behind would end the agent now.
    const timespec at_once{};
    sigset_t pipe_alone;
    sigemptyset(&pipe_alone);
    sigaddset(&pipe_alone, SIGPIPE);
    while (sigtimedwait(&pipe_alone, nullptr, &at_once) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  QuietSignals(const QuietSignals&) = delete;
  QuietSignals& operator=(const QuietSignals&) = delete;

 private:
  sigset_t before_{};
};

int Report(const Status& status, ErrorBuffer error) {
  if (!status) {
    error.Put(status.error().message);
    return kFailed;
  }
  return 0;
}

acronis_kind KindOf(acronis::metrics::MetricType type) {
  switch (type) {
    case acronis::metrics::MetricType::kCounter:
      return ACRONIS_COUNTER;
    case acronis::metrics::MetricType::kGauge:
      return ACRONIS_GAUGE;
    case acronis::metrics::MetricType::kHistogram:
      return ACRONIS_HISTOGRAM;
  }
  return ACRONIS_GAUGE;
}

/// Shows one sample; what the visitor returns.
int Show(const acronis::metrics::Sample& sample, acronis_kind kind, acronis_visitor visitor,
         void* context) {
  std::vector<acronis_label> labels;
  labels.reserve(sample.labels.size());
  for (const auto& [name, value] : sample.labels) {
    labels.push_back({name.c_str(), value.c_str()});
  }
  const acronis_sample shown{sample.name.c_str(), kind, labels.data(), labels.size(), sample.value};
  return visitor(context, &shown);
}

/// The number of samples, or -1 when the visitor has ended it.
int Visit(const acronis::metrics::Family& family, acronis_visitor visitor, void* context) {
  const bool all = std::ranges::all_of(family.samples, [&](const auto& sample) {
    return Show(sample, KindOf(family.type), visitor, context) == 0;
  });
  return all ? static_cast<int>(family.samples.size()) : kFailed;
}

int Visit(const acronis::metrics::Families& page, acronis_visitor visitor, void* context) {
  int shown = 0;
  for (const auto& family : page) {
    const int more = Visit(family, visitor, context);
    if (more < 0) {
      return kFailed;
    }
    shown += more;
  }
  return shown;
}

}  // namespace

void acronis_collector::LineLogger::Log(LogLevel level, std::string_view message,
                                        const LogFields& fields) {
  if (function_ == nullptr) {
    return;
  }
  std::string line(message);
  for (const LogField& field : fields) {
    line += " " + std::string(field.key) + "=" + field.value;
  }
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  static constexpr std::array kLevels = {ACRONIS_LOG_DEBUG, ACRONIS_LOG_INFO, ACRONIS_LOG_WARNING,
                                         ACRONIS_LOG_ERROR};
  function_(context_, kLevels.at(static_cast<std::size_t>(level)), line.c_str());
}

// NOLINTBEGIN(readability-non-const-parameter,readability-function-size): as the header has them.

acronis_options* acronis_options_new(void) {
  return Guarded({}, nullptr, [] { return std::make_unique<acronis_options>().release(); });
}

void acronis_options_free(acronis_options* options) {
  delete options;
}

int acronis_options_set(acronis_options* options, const char* account, const char* key,
                        const char* value, char* error, size_t error_size) {
  const ErrorBuffer out{error, error_size};
  return Guarded(out, kFailed, [&] {
    if (options == nullptr || key == nullptr || value == nullptr) {
      out.Put("options, key and value are needed");
      return kFailed;
    }
    return Report(account == nullptr
                      ? acronis::agents::SetSharedOption(options->keyed, key, value)
                      : acronis::agents::SetAccountOption(options->keyed, account, key, value),
                  out);
  });
}

acronis_collector* acronis_open(const acronis_options* options, acronis_log_function log,
                                void* log_context, char* error, size_t error_size) {
  const ErrorBuffer out{error, error_size};
  return Guarded(out, static_cast<acronis_collector*>(nullptr), [&]() -> acronis_collector* {
    if (options == nullptr) {
      out.Put("options are needed");
      return nullptr;
    }
    auto made = std::make_unique<acronis_collector>(options->keyed.collector, log, log_context);
    const Status opened = made->Open();
    return Report(opened, out) == 0 ? made.release() : nullptr;
  });
}

int acronis_start(acronis_collector* collector, char* error, size_t error_size) {
  const ErrorBuffer out{error, error_size};
  const QuietSignals quiet;
  return Guarded(out, kFailed, [&] {
    const Status open = collector->Core().OpenStore();
    if (open) {
      collector->Core().Start();
    }
    return Report(open, out);
  });
}

int acronis_poll_once(acronis_collector* collector, char* error, size_t error_size) {
  const ErrorBuffer out{error, error_size};
  const QuietSignals quiet;
  return Guarded(out, kFailed, [&] {
    const Status open = collector->Core().OpenStore();
    if (!open) {
      return Report(open, out);
    }
    if (!collector->Core().PollOnce()) {
      out.Put(collector->LastError());
      return kFailed;
    }
    return 0;
  });
}

int acronis_visit(acronis_collector* collector, acronis_visitor visitor, void* context) {
  return Guarded({}, kFailed, [&] {
    const auto snapshot = collector->Core().TakeSnapshot();
    const int shown = Visit(PageOf(*snapshot, collector->Table()), visitor, context);
    if (shown >= 0) {
      collector->Core().NoteServed(*snapshot);
    }
    return shown;
  });
}

void acronis_close(acronis_collector* collector) {
  delete collector;
}

// NOLINTEND(readability-non-const-parameter,readability-function-size)
