/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules of iptables and nftables that matter to a clamp (others that clamp, those that feed an NFQUEUE) and to protect. Found in
 * what iptables-save(8) and `nft list ruleset` print.
 */
#ifndef TM_DOCTOR_FIREWALL_H
#define TM_DOCTOR_FIREWALL_H

#include "device.h"
#include "lib/firewall/tracking.h"

#define TM_FIREWALL_RULES 64 /* of which so many are kept */

struct tm_firewall_rule {
	bool queue; /* else it is a clamp */
	bool ipv6; /* of ip6tables, or an nft table for IPv6 alone */
	bool bypass; /* of a queue: packets pass where nobody reads it */
	uint16_t mss; /* of a clamp; 0: of the route */
	uint16_t first, last; /* numbers of queues */
	char where[64]; /* "iptables mangle FORWARD" */
};

struct tm_firewall {
	struct tm_firewall_rule rules[TM_FIREWALL_RULES];
	size_t count;
	struct tm_tracking_rule tracking[TM_TRACKING_RULES]; /* what may be in the way of protect */
	size_t tracking_count;
	bool more; /* than there was room for */
};

/* Takes the rules out of what iptables-save printed; `program` is "iptables" or "ip6tables". */
void tm_firewall_iptables(struct tm_firewall *w, const char *program, const char *text);

/* The same of `nft list ruleset`. */
void tm_firewall_nft(struct tm_firewall *w, const char *text);

/* A process that reads an NFQUEUE. */
struct tm_listener {
	uint16_t queue;
	char program[16]; /* empty: not known */
};

/* Others that clamp, against a hook's limit. */
void tm_judge_clamps(struct tm_findings *f, const struct tm_firewall *w, const struct tm_hook_facts *h);

/* Queues that rules feed and that somebody reads, as far as they may be tcpmssd's. */
void tm_judge_queues(struct tm_findings *f, const struct tm_firewall *w, const struct tm_listener *listeners,
		     size_t count);

#endif
