/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers of path MTU discovery, and as metrics.
 */
#ifndef TM_METRICS_PATHS_H
#define TM_METRICS_PATHS_H

#include "core/refusal.h"
#include "metrics.h"
#include "lib/pmtu/pmtu.h"

struct tm_path_numbers {
	uint64_t by_state[4]; /* entries, by enum tm_pmtu_state */
	uint64_t ptbs, ignored, lowered, confirmed; /* packet-too-big messages */
	uint64_t refused[PK_REFUSAL_COUNT]; /* likewise */
	uint64_t raised, aged, evicted; /* entries */
	uint64_t no_room; /* values that the datapath's table had no room for */
	uint64_t left_out; /* messages and packets that the datapath did not hand on: too many at a time */
	uint64_t df_cleared; /* packets */
	uint64_t watching; /* messages that wait for the sender's reaction now */
};

/* Adds the families. */
void tm_metrics_paths(struct tm_metrics *m, const struct tm_path_numbers *n);

#endif
