/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules of iptables and nftables that are in the way of protect: another SYNPROXY, connections that are not tracked, cookies' ACKs that are
 * dropped because conntrack calls them invalid, a policy that drops what the gateway itself sends.
 */
#ifndef TM_FIREWALL_TRACKING_H
#define TM_FIREWALL_TRACKING_H

#include "chains.h"
#include "lib/config/config.h"

struct tm_firewall;

#define TM_TRACKING_RULES 64 /* of which so many are kept */
#define TM_TRACKING_PORTS 8 /* ranges of one rule; of more it counts as for all */

enum tm_tracking_kind { TM_TRACKING_SYNPROXY, TM_TRACKING_OFF, TM_TRACKING_INVALID, TM_TRACKING_POLICY };

struct tm_tracking_rule {
	enum tm_tracking_kind kind;
	struct tm_port_range ports[TM_TRACKING_PORTS];
	size_t port_count; /* 0: all, or not known */
	bool has_server, has_source; /* the rule is for packets to `server`, from `source` */
	struct tm_prefix server, source;
	char device[TM_DEVICE_NAME]; /* for packets that come in there; empty: anywhere */
	bool narrow; /* it has conditions that are not known here */
	char where[64]; /* "iptables raw PREROUTING" */
};

/* Looks at a line of iptables-save, a rule or a chain's policy, in a table. */
void tm_tracking_iptables(struct tm_firewall *w, const char *program, const char *table, const char *line);

/* Looks at a line inside of a chain. */
void tm_tracking_nft(struct tm_firewall *w, const struct tm_nft_chains *chains, const struct tm_nft_place *place,
		     const char *line);

#endif
