/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters as people see them: what ng_tcpmss(4) counts, and every reason of the core.
 */
#ifndef TM_STATS_H
#define TM_STATS_H

#include <stdint.h>

#include "core/clamp.h"

struct tm_counters {
	uint64_t octets; /* bytes of all frames */
	uint64_t packets; /* all frames */
	uint64_t syn_packets; /* SYN set, RST clear, TCP flags reached */
	uint64_t fixed_packets; /* frames whose bytes were changed */
	uint64_t reasons[PK_REASON_COUNT]; /* indexed by enum pk_reason; a packet may count under more than one */
};

/* The name of a reason, as counters, JSON, logs and the manual spell it; "?" outside the list. */
const char *tm_reason_name(enum pk_reason reason);

/* The reason of that name, PK_GO_ON for none. */
enum pk_reason tm_reason_find(const char *name);

/* Counts one frame of `octets` bytes (its length before the clamp). */
void tm_counters_count(struct tm_counters *c, const struct pk_result *result, uint64_t octets);

/* *to += *from */
void tm_counters_add(struct tm_counters *to, const struct tm_counters *from);

#endif
