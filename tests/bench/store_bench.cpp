#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tests/bench/bare_store.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/measure.h"
#include "tests/bench/opened_ledger.h"

namespace acronis::bench {
namespace {

constexpr std::size_t kAccounts = 4;

std::vector<Account> AccountsWith(std::size_t ids) {
  std::vector<Account> accounts;
  for (std::size_t number = 0; number < kAccounts; ++number) {
    accounts.emplace_back(
        number,
        TaskStreamOptions{.seed = number + 1,
                          .tasks_per_second = static_cast<double>(ids / kAccounts) / kRemembered});
  }
  return accounts;
}

/// Hands `commit` pages of several accounts that were polled in turn.
void FillWith(std::size_t ids,
              const std::function<void(Account&, const std::vector<Task>&)>& commit) {
  auto accounts = AccountsWith(ids);
  for (std::size_t done = 0; done < ids; done += kPage) {
    Account& account = accounts[(done / kPage) % kAccounts];
    commit(account, account.NextPage(kPage));
  }
}

/// What `open` costs in CPU, and in memory while what it returns is alive.
void ReportOpening(const std::function<std::shared_ptr<void>()>& open) {
  const std::int64_t before = ResidentBytes();
  std::shared_ptr<void> opened;
  Meter meter;
  meter.Measure([&] { opened = open(); });
  Report("open_s", meter.CpuMicroseconds() / 1e6);
  Report("resident_bytes", static_cast<double>(ResidentBytes() - before));
}

}  // namespace

void Fill(const Path& folder, const Numbers& numbers) {
  {
    OpenedLedger ledger(folder, kAccounts);
    FillWith(numbers.at(0), [&](Account& account, const std::vector<Task>& page) {
      account.Commit(ledger, page, kPage);
    });
  }
  Report("file_bytes", static_cast<double>(std::filesystem::file_size(folder / "ledger.db")));
}

void FillBare(const Path& folder, const Numbers& numbers) {
  {
    BareStore bare(folder / "bare.db");
    FillWith(numbers.at(0),
             [&](Account& /*account*/, const std::vector<Task>& page) { bare.Commit(page); });
  }
  Report("file_bytes", static_cast<double>(std::filesystem::file_size(folder / "bare.db")));
}

void Open(const Path& folder, const Numbers& /*numbers*/) {
  ReportOpening([&] {
    auto ledger = std::make_shared<OpenedLedger>(folder, kAccounts);
    Report("seen_bytes", static_cast<double>((*ledger)->SeenBytes()));
    return ledger;
  });
}

void OpenBare(const Path& folder, const Numbers& /*numbers*/) {
  struct Opened {
    explicit Opened(const Path& path) : store(path), ids(store.ReadIds()) {}
    BareStore store;
    std::unordered_map<std::int64_t, std::int64_t> ids;
  };
  ReportOpening([&] { return std::make_shared<Opened>(folder / "bare.db"); });
}

}  // namespace acronis::bench
