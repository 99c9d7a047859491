#include <algorithm>
#include <vector>

#include "tests/bench/bare_store.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/measure.h"
#include "tests/bench/opened_ledger.h"

namespace acronis::bench {

void Tasks(const Path& folder, const Numbers& numbers) {
  const std::size_t all = numbers.at(0);
  const std::size_t some = std::max(all / 10, kPage);
  const TaskStreamOptions tasks{.tasks_per_second = static_cast<double>(all) / kRemembered};
  OpenedLedger ledger(folder, 1);
  BareStore bare(folder / "bare.db");
  Account account(0, tasks);
  const auto report_each = [](const char* name, std::size_t count, Account& from,
                              const auto& commit) {
    Meter meter;
    for (std::size_t done = 0; done < count; done += kPage) {
      const auto page = from.NextPage(kPage);
      meter.Measure([&] { commit(page); });
    }
    Report(name, meter.CpuMicroseconds() / static_cast<double>(count));
  };
  using Page = std::vector<Task>;
  report_each("new_us", all, account,
              [&](const Page& page) { account.Commit(ledger, page, kPage); });
  Account sweep(0, tasks);  // The same tasks once more, from the first one on.
  report_each("known_us", some, sweep, [&](const Page& page) { sweep.Commit(ledger, page, 0); });
  const auto reach = account.Now() - tasks.begin;
  report_each("forgetting_us", some, account, [&](const Page& page) {
    account.ForgetBefore(account.Now() - reach);
    account.Commit(ledger, page, kPage);
  });
  Account fresh(0, tasks);
  report_each("bare_new_us", all, fresh, [&](const Page& page) { bare.Commit(page); });
}

}  // namespace acronis::bench
