/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON documents of show, stats and explain. Text is made from these documents too, so that neither can drift away from the
 * other, and it does not matter which process made them.
 */
#ifndef TM_REPORT_JSON_H
#define TM_REPORT_JSON_H

#include <jansson.h>

#include "report.h"

#define TM_SCHEMA_VERSION 1

/* {"schema_version", "hooks": [{"name", "device", …}, …]}, in the order of the reports. For json_decref(); NULL without memory. */
json_t *tm_show_json(const struct tm_hook_reports *reports);

/* {"octets", "packets", "syn_packets", "fixed_packets", "reasons": {NAME: N, …}}; every reason of the core is there. */
json_t *tm_counters_json(const struct tm_counters *c);

/*
 * {"schema_version", and the same of a whole hook, with "directions": {"in": {"ipv4": …, "ipv6": …, "other": …}, …} for those in
 * `directions` (1 << TM_IN | 1 << TM_OUT).
 */
json_t *tm_stats_json(const struct tm_hook_counters *c, unsigned directions);

/* {"schema_version", "address", "family", "hooks": [{"name", "candidates", …}, …]} */
json_t *tm_explain_json(const char *address, bool ipv6, const struct tm_hook_explanations *explanations);

#endif
