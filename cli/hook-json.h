/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks and counters as JSON (interface.md), shared by show and stats.
 */
#ifndef CLI_HOOK_JSON_H
#define CLI_HOOK_JSON_H

#include <jansson.h>

#include "io/hook.h"

/* {"octets", "packets", "syn_packets", "fixed_packets", "reasons": {NAME: N, …}}; every reason of the core is there. */
json_t *cli_counters_json(const struct tm_counters *c);

/* The same of a whole hook, with "directions": {"in": {"ipv4": …, "ipv6": …, "other": …}, …} for those it sees. */
json_t *cli_hook_counters_json(const struct tm_hook_counters *c, unsigned directions);

/* "in", "out" or "both" */
const char *cli_direction_name(unsigned directions);

#endif
