/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judges whether packet-too-big messages (PTBs) reach transparent sockets: from one that was tried, and from what is there.
 */
#ifndef TM_DOCTOR_TPROXY_H
#define TM_DOCTOR_TPROXY_H

#include "doctor.h"
#include "lib/tproxy/tproxy.h"

/* How the kernel would route the message with our mark. */
enum tm_tproxy_way {
	TM_WAY_UNKNOWN,
	TM_WAY_LOCAL, /* to this machine's own sockets */
	TM_WAY_ELSEWHERE, /* `way_table` says on */
	TM_WAY_REFUSED, /* its source is not believed */
};

struct tm_tproxy_facts {
	const char *device; /* on whose ingress it was put */
	bool ipv6;
	bool reached; /* the socket's path MTU went from `before` to `after` */
	uint32_t before, after; /* bytes */
	bool nft, tc; /* what of ours would set the mark here */
	uint32_t mark; /* that it would set */
	uint64_t marked; /* messages that got it meanwhile */
	enum tm_tproxy_way way;
	uint32_t way_table;
	unsigned rp_filter; /* of this device; the following, too: IPv4 only */
	bool src_valid_mark, accept_local;
	unsigned no_pmtu_disc;
	const struct tm_policy *policy;
};

/* One finding, which is a fault where the message did not reach the socket: it names what stands in the way. */
void tm_judge_tproxy(struct tm_findings *f, const struct tm_tproxy_facts *t);

#endif
