#include <array>
#include <string>

#include "exporter/commands/flags.h"

namespace acronis::exporter {
namespace {

struct Row {
  StoreAction action;
  const char* name;
  const char* description;
};

constexpr std::array kRows = {
    Row{StoreAction::kCheck, "check", "Check the whole store, as every start does"},
    Row{StoreAction::kStats, "stats", "Print sizes, ids, series and progress of each account"},
    Row{StoreAction::kExport, "export", "Print all that is counted, as JSON"},
    Row{StoreAction::kNewEpoch, "new-epoch",
        "Begin again at 0 with a new store id, after a backup was put back; forgets all counts"},
    Row{StoreAction::kAcceptAccount, "accept-account",
        "Let an account go on with its counts under another base_url or tenant"},
};

}  // namespace

CLI::App* AddStoreCommand(CLI::App& to, StoreArguments& arguments, std::string& config_file,
                          std::string& store_path) {
  CLI::App* const store =
      to.add_subcommand("store", "Look at the store or repair its use; refused while it is in use");
  AddConfigFile(*store, config_file);
  AddStorePath(*store, store_path);
  store->require_subcommand(1);
  store->footer("Exit codes: 0 done, 1 failed, 2 wrong command line.");
  for (const Row& row : kRows) {
    CLI::App* const action = store->add_subcommand(row.name, row.description);
    action->fallthrough();
    action->set_help_flag("-h,--help", "Show this help");
    action->callback([&arguments, chosen = row.action] { arguments.action = chosen; });
    if (row.action == StoreAction::kAcceptAccount) {
      action->add_option("NAME", arguments.account, "Its name in the configuration")->required();
    }
  }
  return store;
}

}  // namespace acronis::exporter
