/* A plugin for collectd 5: counts completed Acronis tasks inside the daemon. The entry points are
 * module_register() and what it registers; everything else is behind the C interface. */

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "collectd/core/daemon/plugin.h"
#include "plugin/agents/c/collectd_values.h"

#define PLUGIN "acronis_tasks"
#define ERROR_SIZE 512

static acronis_options* options;
static acronis_collector* collector;
static int is_started;

/* Options of collectd's spelling, and as the C interface names them. */
struct key {
  const char* word;
  const char* key;
};
static const struct key account_keys[] = {
    {"BaseURL", "base_url"},
    {"ClientID", "client_id"},
    {"ClientSecretFile", "client_secret_file"},
    {"CAFile", "ca_file"},
    {"ProxyURL", "proxy_url"},
    {"Tenant", "tenant"},
    {"PollInterval", "poll.interval"},
    {"RequestTimeout", "poll.request_timeout"},
    {"Queue", "filters.queue"},
    {"Type", "filters.type"},
    {"PolicyType", "filters.policyType"},
    {NULL, NULL},
};
static const struct key shared_keys[] = {
    {"Store", "store.path"},
    {"PollInterval", "poll.interval"},
    {"RequestTimeout", "poll.request_timeout"},
    {"SuccessCodes", "metrics.success_codes"},
    {"SeriesHold", "metrics.series_hold"},
    {NULL, NULL},
};

static void log_line(void* context, acronis_log_level level, const char* line) {
  static const int levels[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
  (void)context;
  plugin_log(levels[level], PLUGIN ": %s", line);
}

static void copy(char* target, size_t size, const char* text) {
  snprintf(target, size, "%s", text);
}

/* The value of an option with one word behind it; NULL and a line in the log when it is another. */
static const char* text_of(const oconfig_item_t* item, int index) {
  if (item->values_num <= index || item->values[index].type != OCONFIG_TYPE_STRING) {
    ERROR(PLUGIN ": %s needs %s in quotation marks", item->key,
          index == 0 ? "a value" : "a name and a value");
    return NULL;
  }
  return item->values[index].value.string;
}

static int set(const char* account, const char* key, const char* value) {
  char error[ERROR_SIZE] = "";
  if (acronis_options_set(options, account, key, value, error, sizeof(error)) != 0) {
    ERROR(PLUGIN ": %s%s%s", account == NULL ? "" : account, account == NULL ? "" : ": ", error);
    return -1;
  }
  return 0;
}

/* `Option "poll.overlap" "15m"` sets what has no word of its own. */
static int configure_option(const char* account, const oconfig_item_t* item,
                            const struct key* keys) {
  if (strcasecmp(item->key, "Option") == 0) {
    const char* const key = text_of(item, 0);
    const char* const value = text_of(item, 1);
    return key == NULL || value == NULL ? -1 : set(account, key, value);
  }
  for (; keys->word != NULL; ++keys) {
    if (strcasecmp(item->key, keys->word) == 0) {
      const char* const value = text_of(item, 0);
      return value == NULL ? -1 : set(account, keys->key, value);
    }
  }
  ERROR(PLUGIN ": there is no option %s here", item->key);
  return -1;
}

static int configure_account(const oconfig_item_t* block) {
  const char* const name = text_of(block, 0);
  if (name == NULL) {
    return -1;
  }
  for (int i = 0; i < block->children_num; ++i) {
    if (configure_option(name, &block->children[i], account_keys) != 0) {
      return -1;
    }
  }
  return 0;
}

/* Accounts come after what is set for all of them, wherever it stands in the block. */
static int configure_all(const oconfig_item_t* block, int accounts) {
  for (int i = 0; i < block->children_num; ++i) {
    const oconfig_item_t* const item = &block->children[i];
    if ((strcasecmp(item->key, "Account") == 0) != accounts) {
      continue;
    }
    if ((accounts ? configure_account(item) : configure_option(NULL, item, shared_keys)) != 0) {
      return -1;
    }
  }
  return 0;
}

static int configure(oconfig_item_t* block) {
  if (options == NULL) {
    options = acronis_options_new();
  }
  if (options == NULL) {
    ERROR(PLUGIN ": no memory");
    return -1;
  }
  if (configure_all(block, 0) != 0 || configure_all(block, 1) != 0) {
    acronis_options_free(options);
    options = NULL;
    return -1;
  }
  return 0;
}

/* A store that is not free yet, or a disk that is not there, may be so a moment later. */
static void start(void) {
  static char last_error[ERROR_SIZE];
  char error[ERROR_SIZE] = "";
  if (acronis_start(collector, error, sizeof(error)) == 0) {
    is_started = 1;
    return;
  }
  if (strcmp(error, last_error) != 0) {
    ERROR(PLUGIN ": cannot start yet: %s", error);
    copy(last_error, sizeof(last_error), error);
  }
}

/* Called after the daemon has forked, which no thread would survive. */
static int init(void) {
  char error[ERROR_SIZE] = "";
  if (options == NULL) {
    ERROR(PLUGIN ": there is no <Plugin " PLUGIN "> block that can be used");
    return -1;
  }
  if (collector != NULL) {
    return 0;
  }
  collector = acronis_open(options, log_line, NULL, error, sizeof(error));
  if (collector == NULL) {
    ERROR(PLUGIN ": %s", error);
    return -1;
  }
  start();
  return 0;
}

static int dispatch(void* context, const acronis_collectd_value* shown) {
  value_t value;
  value_list_t list = VALUE_LIST_INIT;
  (void)context;
  if (shown->is_counter) {
    value.derive = (derive_t)llround(shown->value);
  } else {
    value.gauge = shown->value;
  }
  list.values = &value;
  list.values_len = 1;
  copy(list.plugin, sizeof(list.plugin), PLUGIN);
  copy(list.plugin_instance, sizeof(list.plugin_instance), shown->plugin_instance);
  copy(list.type, sizeof(list.type), shown->type);
  copy(list.type_instance, sizeof(list.type_instance), shown->type_instance);
  plugin_dispatch_values(&list);
  return 0;
}

static int read_values(void) {
  if (collector == NULL) {
    return -1;
  }
  if (!is_started) {
    start();
  }
  return acronis_collectd_visit(collector, dispatch, NULL) < 0 ? -1 : 0;
}

/* Also called when init() failed. */
static int shut_down(void) {
  acronis_close(collector);
  collector = NULL;
  is_started = 0;
  acronis_options_free(options);
  options = NULL;
  return 0;
}

/* So that no line in types.db is needed. */
static void register_type(const acronis_collectd_type* type) {
  data_source_t source = {.name = "value",
                          .type = type->is_counter ? DS_TYPE_DERIVE : DS_TYPE_GAUGE,
                          .min = 0,
                          .max = NAN};
  data_set_t set_of_one = {.ds_num = 1, .ds = &source};
  copy(set_of_one.type, sizeof(set_of_one.type), type->name);
  plugin_register_data_set(&set_of_one); /* Takes a copy. */
}

__attribute__((visibility("default"))) void module_register(void) {
  /* Loading Poco blocks SIGPIPE for the daemon's thread. */
  sigset_t pipe_signal;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_UNBLOCK, &pipe_signal, NULL);
  for (const acronis_collectd_type* type = acronis_collectd_types(); type->name != NULL; ++type) {
    register_type(type);
  }
  plugin_register_complex_config(PLUGIN, configure);
  plugin_register_init(PLUGIN, init);
  plugin_register_read(PLUGIN, read_values);
  plugin_register_shutdown(PLUGIN, shut_down);
}
