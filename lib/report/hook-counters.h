/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The counters of one hook: by direction and family, and in all.
 */
#ifndef TM_HOOK_COUNTERS_H
#define TM_HOOK_COUNTERS_H

#include "bpf/config.h"
#include "lib/clamp.h"
#include "stats.h"

struct tm_hook_counters {
	struct tm_counters total;
	struct tm_counters by[TM_DIRECTIONS][PK_FAMILY_COUNT];
};

/* Counts one frame of `octets` bytes (its length before the clamp), as the BPF programs do. */
void tm_bpf_counters_count(struct tm_bpf_counters *c, const struct pk_result *result, uint64_t octets);

/* *sum += *from, counter by counter. */
void tm_bpf_counters_add(struct tm_bpf_counters *sum, const struct tm_bpf_counters *from);

/*
 * What was counted since the baseline, as people see it. `now` and `baseline` hold one struct for each direction; counters only
 * grow, so a difference is never negative.
 */
void tm_hook_counters_since(struct tm_hook_counters *counters, const struct tm_bpf_counters now[TM_DIRECTIONS],
			    const struct tm_bpf_counters baseline[TM_DIRECTIONS]);

#endif
