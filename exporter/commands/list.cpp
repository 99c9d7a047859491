#include "exporter/commands/list.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "exporter/commands/list_format.h"
#include "exporter/commands/no_such_account.h"
#include "exporter/files/descriptor.h"
#include "exporter/log/escape.h"

namespace acronis::exporter {
namespace {

void Complain(int descriptor, std::string_view message) {
  std::string line = "acronis_task_exporter: ";
  AppendPrintable(line, message);
  WriteAll(descriptor, line + "\n");
}

/// One line of a terminal that is written over again and again.
class Progress {
 public:
  explicit Progress(int descriptor) : descriptor_(descriptor), shown_(isatty(descriptor) == 1) {}
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Clear() const {
    if (shown_) {
      WriteAll(descriptor_, "\r\x1B[K");
    }
  }
  void Show(std::uint64_t pages, std::uint64_t tasks) const {
    if (shown_) {
      WriteAll(descriptor_, std::to_string(tasks) + " tasks, " + std::to_string(pages) + " pages");
    }
  }

 private:
  int descriptor_;
  bool shown_;
};

/// The account to read; the error lists those there are.
Result<const AccountOptions*> Choose(const CollectorOptions& options, const std::string& name) {
  std::string names;
  for (const AccountOptions& account : options.accounts) {
    if (account.name == name || (name.empty() && options.accounts.size() == 1)) {
      return &account;
    }
    names += (names.empty() ? "" : ", ") + account.name;
  }
  if (!name.empty()) {
    return NoSuchAccount(name, names);
  }
  return Error{ErrorKind::kInvalidArgument, "--account is needed; accounts are: " + names};
}

/// Writes page after page, and ends the read when a write fails.
class Printer {
 public:
  Printer(ListFormat format, const ListStreams& streams)
      : format_(format), streams_(streams), progress_(streams.err) {}

  void Header() { Write(ListHeader(format_)); }

  void Page(const TaskReadPage& page) {
    std::string text;
    for (const Task& task : page.tasks) {
      AppendTask(format_, task, text);
    }
    progress_.Clear();
    Write(text);
    tasks_ += page.tasks.size();
    progress_.Show(++pages_, tasks_);
  }

  /// Requested once a write has failed.
  std::stop_token Stop() const { return stop_.get_token(); }
  /// errno of the write that failed; 0 when none did.
  int WriteError() const { return write_error_; }

 private:
  void Write(std::string_view text) {
    if (write_error_ == 0) {
      write_error_ = WriteAll(streams_.out, text);
    }
    if (write_error_ != 0) {
      stop_.request_stop();
    }
  }

  ListFormat format_;
  ListStreams streams_;
  Progress progress_;
  std::stop_source stop_;
  int write_error_ = 0;
  std::uint64_t pages_ = 0;
  std::uint64_t tasks_ = 0;
};

/// Empty when all was printed, or as much as the reader wanted.
std::string Print(const ListArguments& arguments, const AccountOptions& account,
                  const TaskSource& source, const ListStreams& streams) {
  Printer printer(arguments.format, streams);
  printer.Header();
  const Status result = source(
      account, arguments.request, [&printer](const TaskReadPage& page) { printer.Page(page); },
      printer.Stop());
  if (printer.WriteError() == EPIPE) {
    return {};  // As with head: whoever read has enough.
  }
  if (printer.WriteError() != 0) {
    return "cannot write: " + std::generic_category().message(printer.WriteError());
  }
  return result ? std::string() : result.error().message;
}

}  // namespace

int RunList(const ListArguments& arguments, const CollectorOptions& options,
            const TaskSource& source, const ListStreams& streams) {
  const auto account = Choose(options, arguments.account);
  if (!account) {
    Complain(streams.err, account.error().message);
    return kExitUsage;
  }
  if (const Status request = CheckReadRequest(arguments.request); !request) {
    Complain(streams.err, request.error().message);
    return kExitUsage;
  }
  const std::string failure = Print(arguments, **account, source, streams);
  if (!failure.empty()) {
    Complain(streams.err, failure);
    return kExitFailure;
  }
  return kExitOk;
}

}  // namespace acronis::exporter
