/// The accounts of a SqliteLedger: how they come, go and return.

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

#include "plugin/ledger/sqlite/sqlite_ledger.h"

namespace acronis::ledger::sqlite {
namespace {

std::string Quoted(const std::string& text) {
  return "'" + text + "'";
}

/// Who the name stands for in the store must be who it stands for now.
Status CheckSame(const AccountIdentity& stored, const AccountIdentity& now) {
  const auto differs = [&now](const char* what, const std::string& was, const std::string& is) {
    return Error{ErrorKind::kStore,
                 "account '" + now.name + "' stands for another " + what + " in the store (" +
                     Quoted(was) + ", now " + Quoted(is) +
                     "). Its tasks are not the same tasks: give the account another name, or run "
                     "\"store accept-account " +
                     now.name + "\" to go on with its counts all the same"};
  };
  if (stored.base_url != now.base_url) {
    return differs("base_url", stored.base_url, now.base_url);
  }
  if (stored.tenant != now.tenant) {
    return differs("tenant", stored.tenant, now.tenant);
  }
  return Ok{};
}

}  // namespace

Status SqliteLedger::CheckIdentity(const AccountIdentity& account) const {
  const std::size_t found = IndexOf(account.name);
  const std::lock_guard lock(books_mutex_);
  return found == kNoMember ? Status(Ok{}) : CheckSame(members_[found]->identity, account);
}

Result<Progress> SqliteLedger::Register(const AccountIdentity& account) {
  Progress progress;
  auto done = InTurn([&](bool moves) -> Status {
    std::vector<AccountIdentity> accounts = Registered();
    accounts.push_back(account);
    auto enrolled = Enrol(accounts, moves);
    if (enrolled) {
      progress = members_[order_.back()]->book->CurrentProgress();
    }
    return enrolled;
  });
  if (!done) {
    return std::move(done).error();
  }
  return progress;
}

Status SqliteLedger::Retire(std::string_view account) {
  return InTurn([&](bool /*moves*/) -> Status {
    std::vector<AccountIdentity> accounts = Registered();
    if (std::erase_if(accounts, [&](const auto& one) { return one.name == account; }) == 0) {
      return NotRegistered(account);
    }
    return Enrol(accounts, true);
  });
}

Result<std::vector<Progress>> SqliteLedger::SetAccounts(std::span<const AccountIdentity> accounts) {
  std::vector<Progress> progress;
  auto done = InTurn([&](bool moves) -> Status {
    auto enrolled = Enrol(accounts, moves || !order_.empty());
    for (std::size_t place = 0; enrolled && place < order_.size(); ++place) {
      progress.push_back(members_[order_[place]]->book->CurrentProgress());
    }
    return enrolled;
  });
  if (!done) {
    return std::move(done).error();
  }
  return progress;
}

std::size_t SqliteLedger::IndexOf(std::string_view account) const {
  const std::lock_guard lock(index_mutex_);
  const auto found = index_.find(account);
  return found == index_.end() ? kNoMember : found->second;
}

std::vector<AccountIdentity> SqliteLedger::Registered() const {
  std::vector<AccountIdentity> accounts;
  for (const std::size_t index : order_) {
    accounts.push_back(members_[index]->identity);
    accounts.back().start = members_[index]->start_asked;
  }
  return accounts;
}

Status SqliteLedger::Enrol(std::span<const AccountIdentity> accounts, bool moves) {
  if (auto ready = CheckReady(); !ready) {
    return CannotWrite(ready.error());
  }
  auto drafts = DraftAll(accounts);
  if (!drafts) {
    return std::move(drafts).error();
  }
  if (moves || std::ranges::any_of(*drafts, [this](const Draft& one) { return IsNews(one); })) {
    if (auto written = WriteDrafts(*drafts); !written) {
      return CannotWrite(written.error());
    }
  }
  for (const Draft& draft : *drafts) {
    LogRenewal(draft);
  }
  Install(*drafts);
  return Ok{};
}

Status SqliteLedger::WriteDrafts(std::vector<Draft>& drafts) {
  const MonotonicTime begin = deps_.clock.Monotonic();
  auto written = InTransaction([&] {
    for (Draft& draft : drafts) {
      WriteDraft(draft);
    }
  });
  if (written) {
    NoteRecovery();
    deps_.telemetry.StoreCommitted(deps_.clock.Monotonic() - begin);
  }
  return written;
}

Result<std::vector<SqliteLedger::Draft>> SqliteLedger::DraftAll(
    std::span<const AccountIdentity> accounts) {
  std::set<std::string_view> names;
  std::vector<Draft> drafts;
  for (const AccountIdentity& account : accounts) {
    if (!names.insert(account.name).second) {
      return Error{ErrorKind::kInvalidArgument, "account '" + account.name +
                                                    "' is registered already; account names must "
                                                    "be unique"};
    }
    auto draft = DraftOf(account);
    if (!draft) {
      return std::move(draft).error();
    }
    drafts.push_back(*std::move(draft));
  }
  return drafts;
}

Result<SqliteLedger::Draft> SqliteLedger::DraftOf(const AccountIdentity& account) {
  Draft draft{.member = IndexOf(account.name), .identity = account, .start_asked = account.start};
  if (draft.member == kNoMember) {
    draft.read.emplace();
    return draft;
  }
  const Member& member = *members_[draft.member];
  if (auto same = CheckSame(member.identity, account); !same) {
    return std::move(same).error();
  }
  draft.key = member.key;
  draft.identity.start = member.identity.start;
  if (!member.book && !member.at_start) {
    auto read = ReadAgain(member);
    if (!read) {
      return std::move(read).error();
    }
    draft.read = *std::move(read);
  }
  return draft;
}

Result<BookState> SqliteLedger::ReadAgain(const Member& member) {
  try {
    return std::move(store_.tables->Read(member.key).state);
  } catch (const std::exception& error) {
    deps_.telemetry.StoreFailed(StoreOperation::kCheck);
    return Error{ErrorKind::kStore, "account '" + member.identity.name +
                                        "' cannot be read from the store " +
                                        options_.store.path.string() + ": " + error.what()};
  }
}

bool SqliteLedger::IsNews(const Draft& draft) const {
  return draft.member == kNoMember || members_[draft.member]->identity != draft.identity;
}

void SqliteLedger::WriteDraft(Draft& draft) {
  if (draft.member == kNoMember) {
    draft.key = store_.tables->AddAccount(draft.identity);
    return;
  }
  if (!IsNews(draft)) {
    return;
  }
  const Member& member = *members_[draft.member];
  if (member.book) {
    store_.tables->WriteAccount(draft.key, draft.identity, member.book->CurrentProgress(),
                                member.book->CurrentBooks());
  } else {
    const BookState& state = draft.read ? *draft.read : *member.at_start;
    store_.tables->WriteAccount(draft.key, draft.identity, state.progress, state.books);
  }
}

void SqliteLedger::LogRenewal(const Draft& draft) const {
  if (draft.member == kNoMember) {
    return;
  }
  const Member& before = *members_[draft.member];
  const std::string& name = draft.identity.name;
  if (before.identity.filters != draft.identity.filters) {
    deps_.log.Warn(
        "filters changed, they take effect from now on",
        {{"account", name}, {"before", before.identity.filters}, {"now", draft.identity.filters}});
  }
  if (before.identity.start != draft.start_asked && before.start_asked != draft.start_asked) {
    deps_.log.Warn(
        "poll.start changed and is ignored, the account has begun already",
        {{"account", name}, {"begun_with", before.identity.start}, {"now", draft.start_asked}});
  }
}

SqliteLedger::Member& SqliteLedger::MemberOf(Draft& draft) {
  if (draft.member == kNoMember) {
    draft.member = members_.size();
    members_.push_back(std::make_unique<Member>());
    const std::lock_guard lock(index_mutex_);
    index_.emplace(draft.identity.name, draft.member);
  }
  Member& member = *members_[draft.member];
  member.key = draft.key;
  member.identity = draft.identity;
  member.start_asked = draft.start_asked;
  return member;
}

void SqliteLedger::Install(std::vector<Draft>& drafts) {
  auto next = std::make_shared<LedgerSnapshot>(*Snapshot());
  const auto shown = std::exchange(next->accounts, {});
  next->generation = store_.tables->Head().commits;
  UpdateSize(*next);
  const std::vector<std::size_t> before = std::exchange(order_, {});
  std::vector<std::optional<AccountBook>> gone;  // Memory is given back without the lock.
  std::unique_lock books_lock(books_mutex_);
  for (Draft& draft : drafts) {
    Member& member = MemberOf(draft);
    const bool stays = member.book.has_value();
    if (!stays) {
      OpenBook(member, draft, next->generation);
    }
    next->accounts.push_back(stays ? shown[member.place] : member.book->Shown());
    member.place = order_.size();
    order_.push_back(draft.member);
  }
  gone = TakeBooks(before);
  books_lock.unlock();
  const std::lock_guard lock(shown_mutex_);
  shown_ = std::move(next);
}

void SqliteLedger::OpenBook(Member& member, Draft& draft, std::uint64_t generation) const {
  member.book.emplace(draft.identity.name, options_.rules,
                      std::move(draft.read ? *draft.read : *member.at_start), generation);
  member.at_start.reset();
}

std::vector<std::optional<AccountBook>> SqliteLedger::TakeBooks(
    std::span<const std::size_t> before) const {
  std::vector<std::optional<AccountBook>> books;
  for (const std::size_t index : before) {
    Member& member = *members_[index];
    if (member.place >= order_.size() || order_[member.place] != index) {
      books.push_back(std::exchange(member.book, std::nullopt));
    }
  }
  return books;
}

}  // namespace acronis::ledger::sqlite
