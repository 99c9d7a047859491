#pragma once

// NOLINTBEGIN(modernize-deprecated-headers,modernize-use-using,readability-identifier-naming): C.

/* The C interface's samples as collectd has them: a few names instead of labels. */

#include "plugin/agents/c/acronis_collector.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The types of the values, as collectd's types.db has them: all with one data source, `value`. */
typedef struct acronis_collectd_type {
  const char* name; /* `acronis_tasks_completed`. */
  int is_counter;
} acronis_collectd_type;

/* Ends with one whose name is NULL. */
const acronis_collectd_type* acronis_collectd_types(void);

typedef struct acronis_collectd_value {
  const char* plugin_instance; /* At most 127 bytes, as the others. */
  const char* type;
  const char* type_instance; /* May be empty. */
  int is_counter;
  double value; /* Of a counter, one that 64 bits with a sign hold. */
} acronis_collectd_value;

/* Valid during the call. Anything but 0 ends the visit. */
typedef int (*acronis_collectd_visitor)(void* context, const acronis_collectd_value* value);

/* As acronis_visit(). */
int acronis_collectd_visit(acronis_collector* collector, acronis_collectd_visitor visitor,
                           void* context);

#ifdef __cplusplus
}
#endif

// NOLINTEND(modernize-deprecated-headers,modernize-use-using,readability-identifier-naming)
