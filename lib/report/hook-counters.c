/* SPDX-License-Identifier: BSD-2-Clause */
#include "hook-counters.h"

#include <string.h>

/* The struct is nothing but 64-bit counters. */
#define COUNTERS (sizeof(struct tm_bpf_counters) / sizeof(uint64_t))

void tm_bpf_counters_count(struct tm_bpf_counters *c, const struct pk_result *result, uint64_t octets)
{
	int family = result->family;

	c->by_reason[family][result->reason].packets++;
	c->by_reason[family][result->reason].octets += octets;
	c->syn[family] += result->syn;
	c->fixed[family] += result->changed;
	for (int i = 0; result->also && i < PK_REASON_COUNT; i++)
		c->also[family][i] += result->also >> i & 1;
}

void tm_bpf_counters_add(struct tm_bpf_counters *sum, const struct tm_bpf_counters *from)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *add = (const uint64_t *)from;

	for (size_t i = 0; i < COUNTERS; i++)
		to[i] += add[i];
}

static void since(struct tm_counters *c, const struct tm_bpf_counters *now, const struct tm_bpf_counters *base,
		  int family)
{
	for (int r = 0; r < PK_REASON_COUNT; r++) {
		uint64_t packets = now->by_reason[family][r].packets - base->by_reason[family][r].packets;

		c->packets += packets;
		c->octets += now->by_reason[family][r].octets - base->by_reason[family][r].octets;
		c->reasons[r] += packets + now->also[family][r] - base->also[family][r];
	}
	c->syn_packets = now->syn[family] - base->syn[family];
	c->fixed_packets = now->fixed[family] - base->fixed[family];
}

void tm_hook_counters_since(struct tm_hook_counters *counters, const struct tm_bpf_counters now[TM_DIRECTIONS],
			    const struct tm_bpf_counters baseline[TM_DIRECTIONS])
{
	memset(counters, 0, sizeof(*counters));
	for (int d = 0; d < TM_DIRECTIONS; d++) {
		for (int f = 0; f < PK_FAMILY_COUNT; f++) {
			since(&counters->by[d][f], &now[d], &baseline[d], f);
			tm_counters_add(&counters->total, &counters->by[d][f]);
		}
	}
}
