#pragma once

// NOLINTBEGIN(modernize-deprecated-headers,modernize-use-using,readability-identifier-naming): C.

/* plugin/collector.h for agents that load modules through C. For C11 and C++; no function lets an
 * exception out.
 *
 * The order is options, open, start, visit as often as wanted, close. Nothing is begun before
 * acronis_start(): an agent that forks does it before. acronis_visit() and acronis_close() may be
 * called while the collector polls; otherwise one call at a time for each object.
 *
 * Functions that return int return 0 or more when they succeed and -1 when they fail. `error` takes
 * the reason, one line, cut to fit and always ended; NULL is fine when `error_size` is 0. */

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct acronis_options acronis_options;
typedef struct acronis_collector acronis_collector;

/* NULL when there is no memory. The caller frees it; acronis_open() takes a copy. */
acronis_options* acronis_options_new(void);
void acronis_options_free(acronis_options* options); /* NULL is fine. */

/* Sets one option, named as in the configuration file: `base_url`, `client_id`,
 * `client_secret_file`, `ca_file`, `proxy_url`, `tenant`, `filters.queue`, `filters.type`,
 * `filters.policyType` (each call adds a value) and `poll.KEY` of an account, which is there from
 * the first time that it is named; without an account (NULL) `poll.KEY` of the accounts named from
 * then on, `metrics.series_hold`, `metrics.series_limit`, `metrics.success_codes` (commas between),
 * `store.path` and `store.guard_path`. Values are spelled as in the file. Paths are absolute. */
int acronis_options_set(acronis_options* options, const char* account, const char* key,
                        const char* value, char* error, size_t error_size);

typedef enum acronis_log_level {
  ACRONIS_LOG_ERROR = 0,
  ACRONIS_LOG_WARNING = 1,
  ACRONIS_LOG_INFO = 2,
  ACRONIS_LOG_DEBUG = 3
} acronis_log_level;

/* One line of text, without its end, never with a secret. Called from threads of the collector,
 * too, until acronis_close() has returned. */
typedef void (*acronis_log_function)(void* context, acronis_log_level level, const char* line);

/* Checks the options; touches no file, starts no thread, sends nothing. `log` may be NULL. NULL on
 * failure. */
acronis_collector* acronis_open(const acronis_options* options, acronis_log_function log,
                                void* log_context, char* error, size_t error_size);

/* Takes the store, which nobody else may have, and begins to poll. May be tried again after it has
 * failed, and begins then what did not poll yet; what polls already goes on. */
int acronis_start(acronis_collector* collector, char* error, size_t error_size);

/* Instead of acronis_start(): takes the store if need be and polls once, on the calling thread. May
 * take as long as the server does. */
int acronis_poll_once(acronis_collector* collector, char* error, size_t error_size);

typedef enum acronis_kind {
  ACRONIS_COUNTER = 0,
  ACRONIS_GAUGE = 1,
  ACRONIS_HISTOGRAM = 2 /* One number of one: `..._bucket`, `..._sum`, `..._count`. Only grows. */
} acronis_kind;

typedef struct acronis_label {
  const char* name;
  const char* value; /* Valid UTF-8; ends where a NUL was in it. */
} acronis_label;

typedef struct acronis_sample {
  const char* name; /* As a scrape shows it, `acronis_tasks_completed_total`. */
  acronis_kind kind;
  const acronis_label* labels;
  size_t label_count;
  double value;
} acronis_sample;

/* Valid during the call. Anything but 0 ends the visit. */
typedef int (*acronis_visitor)(void* context, const acronis_sample* sample);

/* Shows every sample of the newest committed state, sorted by name; never none: `acronis_up` is 0
 * until an account's first poll has succeeded. Never does I/O, never waits for a poll. Returns the
 * number of samples. Who visited all of them has seen them: a series that was shown as 0 because it
 * is new is shown with its value from `metrics.series_hold` on. */
int acronis_visit(acronis_collector* collector, acronis_visitor visitor, void* context);

/* Ends polling and frees everything. Aborts requests under way; a name look-up cannot be, and is
 * waited for. What was counted is in the store. NULL is fine. */
void acronis_close(acronis_collector* collector);

#ifdef __cplusplus
}
#endif

// NOLINTEND(modernize-deprecated-headers,modernize-use-using,readability-identifier-naming)
