/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/clamp.h"

#include "stats.h"

#include <string.h>

static const char *const names[PK_REASON_COUNT] = {
#define X(constant, name, text) [PK_##constant] = name,
	PK_REASONS(X)
#undef X
};

const char *tm_reason_name(enum pk_reason reason)
{
	return reason > PK_GO_ON && reason < PK_REASON_COUNT ? names[reason] : "?";
}

enum pk_reason tm_reason_find(const char *name)
{
	for (int i = PK_GO_ON + 1; i < PK_REASON_COUNT; i++)
		if (!strcmp(names[i], name))
			return i;
	return PK_GO_ON;
}

void tm_counters_count(struct tm_counters *c, const struct pk_result *result, uint64_t octets)
{
	c->octets += octets;
	c->packets++;
	c->syn_packets += result->syn;
	c->fixed_packets += result->changed;
	c->reasons[result->reason]++;
	for (int i = 0; result->also && i < PK_REASON_COUNT; i++)
		c->reasons[i] += result->also >> i & 1;
}

void tm_counters_add(struct tm_counters *to, const struct tm_counters *from)
{
	to->octets += from->octets;
	to->packets += from->packets;
	to->syn_packets += from->syn_packets;
	to->fixed_packets += from->fixed_packets;
	for (int i = 0; i < PK_REASON_COUNT; i++)
		to->reasons[i] += from->reasons[i];
}
