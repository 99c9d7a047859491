/* A program in C11 that knows the C interface and nothing else. Ends with 0 when all is as said. */

#include <stdio.h>
#include <string.h>

#include "plugin/agents/c/acronis_collector.h"

static int count_down(void* context, const acronis_sample* sample) {
  if (strcmp(sample->name, "acronis_up") == 0 && sample->kind == ACRONIS_GAUGE &&
      sample->label_count == 1 && strcmp(sample->labels[0].value, "emea") == 0 &&
      sample->value == 0.0) {
    ++*(int*)context;
  }
  return 0;
}

static int fail(const char* what, const char* why) {
  fprintf(stderr, "%s: %s\n", what, why);
  return 1;
}

int main(void) {
  char error[256] = "";
  int down = 0;
  acronis_options* const options = acronis_options_new();
  const char* const pairs[][2] = {{"base_url", "https://127.0.0.1:1"},
                                  {"client_id", "client"},
                                  {"client_secret_file", "/nonexistent/secret"}};
  for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
    if (acronis_options_set(options, "emea", pairs[i][0], pairs[i][1], error, sizeof(error)) != 0) {
      return fail(pairs[i][0], error);
    }
  }
  acronis_collector* collector = acronis_open(options, NULL, NULL, error, sizeof(error));
  if (collector != NULL || strstr(error, "store.path") == NULL) {
    return fail("open without a store", error);
  }
  if (acronis_options_set(options, NULL, "store.path", "/nonexistent/x/ledger.db", error,
                          sizeof(error)) != 0) {
    return fail("store.path", error);
  }
  collector = acronis_open(options, NULL, NULL, error, sizeof(error));
  if (collector == NULL) {
    return fail("open", error);
  }
  if (acronis_visit(collector, count_down, &down) < 1 || down != 1) {
    return fail("visit", "the account is not shown as down");
  }
  acronis_close(collector);
  acronis_options_free(options);
  return 0;
}
