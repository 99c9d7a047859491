#pragma once

#include <functional>
#include <set>
#include <stop_token>
#include <string>

#include "exporter/commands/engine.h"
#include "plugin/core/logger.h"
#include "plugin/metrics/sample.h"
#include "plugin/page_reader.h"

namespace acronis::exporter {

/// A page on its way to an agent, as text or as values.
struct StreamPage {
  std::string text{};          ///< In text format 0.0.4, when that was asked for.
  metrics::Families values{};  ///< Else.
  /// To be called once the agent has it; may be empty.
  std::function<void()> delivered{};
};

enum class PageForm { kText, kValues };

/// Where the pages of a stream come from. Used by one thread.
class PageSource {
 public:
  virtual ~PageSource() = default;
  /// A page; never empty: `acronis_up` is always there. Once `stop` is requested, any.
  virtual StreamPage Take(PageForm form, const std::stop_token& stop) = 0;
  /// Take() may wait for somebody else.
  virtual bool MayWait() const = 0;
};

/// The page of an engine in this process, which it borrows. Does no I/O.
class EngineSource final : public PageSource {
 public:
  explicit EngineSource(Engine& engine) : engine_(engine) {}
  StreamPage Take(PageForm form, const std::stop_token& stop) override;
  bool MayWait() const override { return false; }

 private:
  Engine& engine_;
};

/// The page of a running exporter, asked for each time. While it cannot be had, the accounts it had
/// last have `acronis_up` 0, and there is nothing else; before it was had once, one `acronis_up`
/// without an account. Changes of that are logged. Borrows the log.
class RemoteSource final : public PageSource {
 public:
  RemoteSource(PageRequest request, Logger& log) : request_(std::move(request)), log_(log) {}
  StreamPage Take(PageForm form, const std::stop_token& stop) override;
  bool MayWait() const override { return true; }

 private:
  Result<StreamPage> Fetch(PageForm form, const std::stop_token& stop);
  StreamPage Down(PageForm form) const;

  PageRequest request_;
  Logger& log_;
  std::set<std::string> accounts_;
  std::string last_error_;  ///< Empty: the last page was had.
};

}  // namespace acronis::exporter
