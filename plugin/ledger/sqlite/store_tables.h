#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "plugin/ledger/account_book.h"
#include "plugin/ledger/ledger.h"
#include "plugin/ledger/sqlite/database.h"

namespace acronis::ledger::sqlite {

/// The store holds something that this program did not write.
class Damaged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The one row about the whole store.
struct StoreHead {
  std::string id{};
  std::uint64_t commits = 0;
  std::vector<double> duration_bounds{};
  std::vector<double> queue_wait_bounds{};
};

/// An account as the store has it.
struct StoredAccount {
  std::int64_t key = 0;
  AccountIdentity identity{};
  BookState state{};
};

/// The rows of a store: what they mean, and a digest over all of them.
///
/// The digest is the sum of a hash of every row. Each change of a row changes it in the same
/// transaction, so a row that the disk altered, lost or brought back shows at the next start.
///
/// Throws SqlError and Damaged. Writing needs an open transaction; after its end tell how it ended.
/// Borrows the database. Used by one thread at a time.
class StoreTables {
 public:
  explicit StoreTables(Database& database);

  /// Fills an empty schema.
  void Begin(const StoreHead& head);

  /// Reads everything and holds it against the digest. Call once, first.
  std::vector<StoredAccount> Load();
  /// Reads one account again, and holds it against what was read and written since Load().
  /// REQUIRES: the account is in the store; no transaction is open.
  StoredAccount Read(std::int64_t account);
  const StoreHead& Head() const { return head_; }

  /// Returns the account's key.
  std::int64_t AddAccount(const AccountIdentity& identity);
  void WriteAccount(std::int64_t key, const AccountIdentity& identity, const Progress& progress,
                    const Books& books);
  void WriteQueue(std::int64_t account, const std::string& name, const QueueState& queue);
  void WriteSeen(std::int64_t account, std::span<const SeenChange> changes);
  /// Removes up to `limit` of the oldest rows below `below`; returns their ids.
  std::vector<std::int64_t> Prune(std::int64_t account, Second below, int limit);
  void WriteBounds(const std::vector<double>& duration, const std::vector<double>& queue_wait);
  /// Another store from now on: a new id, nothing counted, nothing remembered.
  void Renew(const std::string& id);

  /// Counts one more commit and writes the digest. The last write of a transaction.
  void Finish();
  void Committed();
  void RolledBack();

 private:
  /// The row of a queue, which may be written again.
  struct Row {
    std::int64_t key = 0;
    std::uint64_t hash = 0;
  };
  /// Hashes of what there is of an account.
  struct AccountRows {
    std::uint64_t hash = 0;    ///< Of its own row.
    std::uint64_t digest = 0;  ///< Of all its rows: its own, its queues and its ids.
  };
  struct Statements;
  struct Reading;
  using QueueName = std::pair<std::int64_t, std::string>;

  void LoadHead();
  void ReadRows(Reading& reading);
  void ReadAccounts(Reading& reading);
  void ReadQueues(Reading& reading);
  void ReadMoved(Reading& reading);
  void ReadSeen(Reading& reading);
  /// What changes in the rows of an account changes its digest and the whole one.
  void AddToDigest(std::int64_t account, std::uint64_t difference);
  /// Takes what was remembered of an id out of the tables, the row of `seen` only when `with_row`
  /// says so: it may be changed instead. Returns what that takes out of the digest.
  std::uint64_t TakeBack(std::int64_t account, std::int64_t id, const SeenTask& seen,
                         bool with_row);
  std::uint64_t DigestWithHead() const;

  Database& database_;
  std::shared_ptr<Statements> statements_;
  StoreHead head_;
  std::uint64_t digest_ = 0;  ///< Of all rows but the head.
  std::map<std::int64_t, AccountRows> accounts_;
  std::map<QueueName, Row> queues_;
  std::int64_t next_queue_ = 1;

  // What RolledBack() takes back.
  std::uint64_t committed_digest_ = 0;
  StoreHead committed_head_;
  std::int64_t committed_next_queue_ = 1;
  std::vector<std::pair<std::int64_t, AccountRows>> undo_accounts_;  ///< Key, hashes before.
  std::vector<std::pair<QueueName, Row>> undo_queues_;               ///< Key 0: it was born.
};

/// `0.5,10`: the shortest text that reads back as the same numbers.
std::string ToText(const std::vector<double>& bounds);
std::string ToText(const std::vector<std::uint64_t>& counts);
std::string ToText(const std::vector<TimePoint>& times);

}  // namespace acronis::ledger::sqlite
