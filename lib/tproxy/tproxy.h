/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet-too-big messages (PTBs) for the sockets of a transparent proxy: which mark sends them to this machine's own sockets,
 * what of the policy routing for that is there, what is missing, and the nftables rules that set the mark.
 *
 * All that is added to a machine is known by its name (table inet tcpmss_tproxy) or by the protocol number of its rules and
 * routes, so that nothing has to be remembered in order to take it away.
 */
#ifndef TM_TPROXY_H
#define TM_TPROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/policy.h"

#define TM_TPROXY_PROTOCOL 216 /* "proto" of our rules and routes; iproute2 has no name for it */
#define TM_TPROXY_NFT "tcpmss_tproxy" /* our table, of family inet */
#define TM_TPROXY_MARK 1 /* where no recipe is found: what most of them use */
#define TM_TPROXY_TABLE 100

/* What somebody asked for; 0: not given (neither can be 0). */
struct tm_tproxy_wish {
	uint32_t mark, table;
};

struct tm_tproxy_family {
	bool on;
	uint32_t mark, mask; /* a packet gets the bits `mark` among those of `mask` */
	uint32_t rule_mask; /* of our own rule: another one, so that somebody who comes later can add the same with `mask` */
	uint32_t table;
	bool add_rule, add_route; /* missing: not there, not even with our number */
	bool own_rule, own_route; /* nobody else has it */
};

struct tm_tproxy_plan {
	struct tm_tproxy_family family[TM_FAMILIES];
};

/*
 * Decides on mark and table for each family that is there: those of a recipe that works already (a rule by mark alone, to a table
 * with a local default route), else those asked for, else the usual ones. 0; or -EEXIST with *e filled where mark or table is used
 * for something else: it tells which to give.
 */
int tm_tproxy_plan(struct tm_tproxy_plan *plan, const struct tm_policy *now, const struct tm_tproxy_wish *wish,
		   struct tm_error *e);

/* Whether a rule of ours is one that the plan needs; the same for a local route of ours. */
bool tm_tproxy_needs_rule(const struct tm_tproxy_plan *plan, const struct tm_policy_rule *rule);
bool tm_tproxy_needs_route(const struct tm_tproxy_plan *plan, bool ipv6, uint32_t table);

#define TM_TPROXY_TEXT 2048

/* The nftables commands that put our table in place, or another instead of it, in one transaction. */
void tm_tproxy_nft(const struct tm_tproxy_plan *plan, char text[TM_TPROXY_TEXT]);

/* What our table does, in `nft list table inet tcpmss_tproxy`. */
struct tm_tproxy_rules {
	bool there[TM_FAMILIES];
	uint32_t mark[TM_FAMILIES];
	uint64_t packets[TM_FAMILIES]; /* PTBs that got it, if the list has counters */
};

void tm_tproxy_read_nft(struct tm_tproxy_rules *rules, const char *text);

/* What sets the mark: nftables, or our tc program where that is missing. */
enum tm_tproxy_via { TM_TPROXY_AUTO, TM_TPROXY_VIA_NFT, TM_TPROXY_VIA_TC };

/* "auto", "nft", "tc" */
const char *tm_tproxy_via_name(enum tm_tproxy_via via);

/* The other way round; false for another word. */
bool tm_tproxy_via_find(const char *word, enum tm_tproxy_via *via);

/* A mark or table: decimal, or with 0x; 1 to 2^32 - 1. False where it is none. */
bool tm_tproxy_number(const char *word, uint32_t *value);

#endif
