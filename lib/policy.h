/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policy routing as it is: the rules that look into tables, and what is in these, as far as it matters to marked packets.
 */
#ifndef TM_POLICY_H
#define TM_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

enum { TM_IPV4, TM_IPV6, TM_FAMILIES };

/* A rule of `ip rule` that looks into a table. */
struct tm_policy_rule {
	bool ipv6;
	bool plain; /* nothing but the mark selects packets; without a mark: nothing at all */
	uint32_t priority;
	uint32_t mark, mask; /* mask 0: takes any mark */
	uint32_t table;
	uint8_t protocol;
};

/* What is in a routing table other than local, main and default. */
struct tm_policy_table {
	bool ipv6;
	uint32_t table;
	bool delivers; /* a local default route: whatever is looked up here is for this machine */
	bool ours; /* there is one with our protocol number */
	bool theirs; /* there is one without */
	bool others; /* other routes */
};

struct tm_policy {
	struct tm_policy_rule *rules; /* by priority, each family */
	size_t rule_count, rule_room;
	struct tm_policy_table *tables;
	size_t table_count, table_room;
	bool present[TM_FAMILIES]; /* the family is there and not turned off */
};

/* 0 or -ENOMEM. */
int tm_policy_add_rule(struct tm_policy *p, const struct tm_policy_rule *rule);

/* The entry of a table; NULL where there is none. */
const struct tm_policy_table *tm_policy_find(const struct tm_policy *p, bool ipv6, uint32_t table);

/* Whether it has a local default route. */
bool tm_policy_delivers(const struct tm_policy *p, bool ipv6, uint32_t table);

/* Whether some rule sends marked packets to a local default route: as transparent proxies need it. */
bool tm_policy_proxies(const struct tm_policy *p);

/* The entry of a table, made where there is none yet; NULL without memory. */
struct tm_policy_table *tm_policy_table(struct tm_policy *p, bool ipv6, uint32_t table);

void tm_policy_free(struct tm_policy *p);

#endif
