#include "exporter/commands/stream.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include "exporter/commands/reloader.h"
#include "exporter/commands/shutdown.h"
#include "exporter/commands/version.h"
#include "exporter/files/descriptor.h"
#include "exporter/stream/batch.h"
#include "exporter/stream/metrics_file.h"
#include "exporter/stream/page_source.h"
#include "exporter/stream/trigger.h"

namespace acronis::exporter {
namespace {

/// An agent gives its child a second, of which Trigger::kGrace may be over where an exporter is
/// asked.
constexpr std::chrono::milliseconds kPatience{700};
constexpr std::chrono::milliseconds kPatienceWithoutStore{300};

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

/// The flag's, else what the agent says, else the usual one. Agents count in seconds.
std::chrono::nanoseconds IntervalOf(const StreamArguments& arguments,
                                    const AgentEnvironment& agent) {
  constexpr std::chrono::seconds kUsual(10);
  constexpr double kMost = 86'400;
  if (arguments.interval) {
    return *arguments.interval;
  }
  double seconds = 0;
  const std::string& text = agent.interval;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number && seconds >= 1 && seconds <= kMost ? std::chrono::seconds(std::llround(seconds))
                                                       : kUsual;
}

/// Where batches go.
class Sink {
 public:
  Sink(std::filesystem::path file, Logger& log) : file_(std::move(file)), log_(log) {}

  /// False when the stream ends by it. A file that cannot be written is tried again.
  bool Write(std::string_view batch) { return file_.empty() ? WriteOut(batch) : WriteFile(batch); }

  /// The last batch has arrived.
  bool Delivered() const { return last_error_.empty(); }
  /// Why the stream has ended; empty: whoever read has enough.
  const std::string& LastError() const { return last_error_; }

 private:
  bool WriteOut(std::string_view batch) {
    const int failure = WriteAll(STDOUT_FILENO, batch);
    if (failure != 0 && failure != EPIPE) {
      last_error_ = "cannot write: " + std::generic_category().message(failure);
    }
    return failure == 0;
  }

  bool WriteFile(std::string_view batch) {
    const Status written = WriteMetricsFile(file_, batch);
    const std::string error = written ? "" : written.error().message;
    if (std::exchange(last_error_, error) != error) {
      if (written) {
        log_.Info("the file is written again", {{"path", file_.string()}});
      } else {
        log_.Error("the file is not written, the old one stays", {{"error", error}});
      }
    }
    return true;
  }

  std::filesystem::path file_;
  Logger& log_;
  std::string last_error_;
};

/// The thread that writes.
class Stream {
 public:
  struct Parts {
    PageSource& source;
    Trigger& trigger;
    Sink& sink;
    BatchWriter write;
    PageForm form;
    /// Told why the stream ends, as soon as that is known: what it waits for may take longer.
    std::function<void(const char* reason)> on_end;
  };

  Stream(Parts parts, const Clock& clock) : parts_(std::move(parts)), clock_(clock) {}

  void Run(const std::stop_token& stop) {
    auto event = parts_.trigger.Wait(stop);
    while (event == Trigger::Event::kBatch) {
      const auto end = Batch(stop);
      event = end ? *end : parts_.trigger.Wait(stop);
    }
    Tell(event);
  }

 private:
  void Tell(Trigger::Event end) const {
    if (end != Trigger::Event::kStopped) {
      parts_.on_end(end == Trigger::Event::kInputEnded ? "standard input has ended"
                                                       : "the reader has gone");
    }
  }

  /// Why it was the last one, if it was.
  std::optional<Trigger::Event> Batch(const std::stop_token& stop) {
    StreamPage page;
    if (const auto end = Take(page, stop)) {
      return end;
    }
    if (!parts_.sink.Write(parts_.write(page, clock_.Now(), clock_.Monotonic()))) {
      return Trigger::Event::kReaderGone;
    }
    if (page.delivered && parts_.sink.Delivered()) {
      page.delivered();
    }
    return std::nullopt;
  }

  /// The next page, unless the stream ends before it is there: then why.
  std::optional<Trigger::Event> Take(StreamPage& page, const std::stop_token& stop) {
    std::stop_source given_up;
    std::stop_source done;
    const auto take = [&] {
      page = parts_.source.Take(parts_.form, given_up.get_token());
      done.request_stop();
    };
    std::jthread taker;
    try {
      if (parts_.source.MayWait()) {
        taker = std::jthread(take);
      }
    } catch (const std::system_error&) {
      // The system has no thread to spare: then nobody watches meanwhile.
    }
    if (!taker.joinable()) {
      take();
    }
    auto end = parts_.trigger.Watch(done.get_token(), stop);
    if (end) {
      given_up.request_stop();
      Tell(*end);
    }
    return end;
  }

  Parts parts_;
  const Clock& clock_;
};

BatchOptions DescribeBatches(const StreamArguments& arguments, const AgentEnvironment& agent,
                             const std::vector<std::string>& success_codes) {
  BatchOptions options{
      .format = arguments.format,
      .interval = std::chrono::ceil<std::chrono::seconds>(IntervalOf(arguments, agent)),
      .host = agent.host.empty() ? HostName() : agent.host,
      .success_codes = success_codes,
      .for_file = !arguments.output.empty(),
  };
  if (!arguments.success_codes.empty()) {
    options.success_codes = arguments.success_codes;
  }
  return options;
}

/// All of a stream, in the order in which its parts need one another.
class StreamProgram {
 public:
  StreamProgram(const StreamArguments& arguments, const std::optional<CollectorOptions>& options,
                StreamDeps deps, Clock& clock, StreamLogger& log)
      : signals_(deps.signals),
        log_(log),
        engine_(options ? std::make_unique<Engine>(*options, std::move(deps.load), clock, log)
                        : nullptr),
        source_(MakeSource(std::move(deps.from))),
        trigger_({.lines_from = arguments.trigger == StreamTrigger::kStdin ? STDIN_FILENO : -1,
                  .interval = IntervalOf(arguments, deps.agent),
                  .output = arguments.output.empty() ? STDOUT_FILENO : -1},
                 clock),
        sink_(arguments.output, log),
        stream_({.source = *source_,
                 .trigger = trigger_,
                 .sink = sink_,
                 .write = MakeBatchWriter(DescribeBatches(
                     arguments, deps.agent,
                     options ? options->metrics.success_codes : MetricsOptions().success_codes)),
                 .form = FormFor(arguments.format),
                 .on_end = [this](const char* reason) { End(reason); }},
                clock) {}

  /// Until a signal comes or the stream has ended by itself; returns why.
  std::string Run() {
    if (engine_ != nullptr) {
      engine_->Start();
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { stream_.Run(stop); });
    const char* const signal = signals_.Wait([this] { reloader_.Request(); });
    return ended_ ? reason_ : signal;
  }

  void Stop() {
    thread_ = {};  // Stops and joins.
    reloader_.Stop();
    if (engine_ != nullptr) {
      engine_->Stop();
    }
  }

  std::chrono::milliseconds Patience() const {
    return engine_ != nullptr ? kPatience : kPatienceWithoutStore;
  }

  void CloseStore() {
    if (engine_ != nullptr) {
      engine_->CloseStore();
    }
  }

  /// Empty: none, or the file is tried again.
  std::string WriteError() const { return ended_ ? sink_.LastError() : ""; }

 private:
  /// Called by the stream's thread.
  void End(const char* reason) {
    if (!ended_) {
      reason_ = reason;
      ended_ = true;
      kill(getpid(), SIGTERM);  // Wakes the thread that waits for signals.
    }
  }

  /// What came of it is in the log and the metrics.
  void Reload() {
    if (engine_ != nullptr) {
      static_cast<void>(engine_->Reload());
    }
  }

  std::unique_ptr<PageSource> MakeSource(PageRequest from) {
    if (engine_ != nullptr) {
      return std::make_unique<EngineSource>(*engine_);
    }
    return std::make_unique<RemoteSource>(std::move(from), log_);
  }

  const StopSignals& signals_;
  StreamLogger& log_;
  std::unique_ptr<Engine> engine_;  ///< Null with `--from`.
  std::unique_ptr<PageSource> source_;
  Trigger trigger_;
  Sink sink_;
  Stream stream_;
  Reloader reloader_{[this] { Reload(); }};
  std::string reason_;  ///< Written before `ended_`.
  std::atomic<bool> ended_ = false;
  std::jthread thread_;
};

/// Returns the exit code; does not return when something hangs.
int StopOrLeave(std::unique_ptr<StreamProgram> program, StreamLogger& log) {
  const std::string error = program->WriteError();
  if (!error.empty()) {
    log.Error("the stream has ended", {{"error", error}});
  }
  const int code = error.empty() ? kExitOk : kExitFailure;
  // Shared with the thread, which may be left behind with it.
  const std::shared_ptr<StreamProgram> shared = std::move(program);
  if (!StopWithin(shared->Patience(), [shared] { shared->Stop(); })) {
    shared->CloseStore();
    _exit(code);
  }
  return code;
}

/// None with `--from`.
std::optional<CollectorOptions> OptionsFor(const StreamDeps& deps) {
  if (!deps.from.url.empty()) {
    return std::nullopt;
  }
  Result<CollectorOptions> loaded = deps.load();
  if (!loaded) {
    throw std::runtime_error("the configuration cannot be used: " + loaded.error().message);
  }
  return *std::move(loaded);
}

}  // namespace

int RunStream(const StreamArguments& arguments, const LogOptions& log_options, StreamDeps deps) {
  SystemClock clock;
  StreamLogger log(STDERR_FILENO, log_options, clock);
  log.Info("starting", {{"version", Version()}, {"revision", Revision()}});
  try {
    const std::optional<CollectorOptions> options = OptionsFor(deps);
    auto program = std::make_unique<StreamProgram>(arguments, options, std::move(deps), clock, log);
    log.Info("stopping", {{"reason", program->Run()}});
    return StopOrLeave(std::move(program), log);
  } catch (const std::exception& failure) {
    log.Error("cannot start", {{"error", failure.what()}});
    return kExitFailure;
  }
}

}  // namespace acronis::exporter
