/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judges a protect block: whether it can do its work, and whether its servers need it.
 */
#ifndef TM_DOCTOR_PROTECT_H
#define TM_DOCTOR_PROTECT_H

#include <jansson.h>

#include "doctor.h"

#define TM_PROTECT_FACTS_DEVICES 32
#define TM_PROTECT_FACTS_WARNINGS 8

struct tm_protect_device_facts {
	const char *name;
	bool clients; /* are behind it, else servers */
	bool attached; /* our program is there */
	bool native_xdp; /* it is one of XDP, in the driver */
	bool veth; /* the caller knows */
};

/* What a block's JSON tells; texts belong to that. */
struct tm_protect_facts {
	const char *name;
	bool armed; /* or flooded */
	bool off; /* by its mode */
	struct tm_protect_device_facts devices[TM_PROTECT_FACTS_DEVICES];
	unsigned device_count;
	const char *warnings[TM_PROTECT_FACTS_WARNINGS]; /* the daemon's own */
	unsigned warning_count;
	uint64_t times_armed;
	uint64_t opened, completed; /* of the sample, ever */
	uint64_t failed; /* SYNs that could not be answered */
	uint64_t servers; /* that were seen */
	uint64_t current; /* of these, such as have window scaling, SACK and timestamps, of those that are listed */
	uint64_t listed;
};

/* Of the machine. */
struct tm_protect_machine {
	bool known; /* the following are */
	uint64_t conntrack, conntrack_max; /* connections that are tracked, and that can be */
	bool loose; /* nf_conntrack_tcp_loose is not 0 */
	unsigned syncookies; /* net.ipv4.tcp_syncookies here, which is about this machine's own services */
};

/* Takes the facts out of one element of "protect" in the document of `protect show`; false where it is none. */
bool tm_protect_facts(struct tm_protect_facts *p, const json_t *block);

/* Whether it works, and what it is good for. */
void tm_judge_protect(struct tm_findings *f, const struct tm_protect_facts *p, const struct tm_protect_machine *m);

/* A protected server that is this machine itself: what is protected is forwarded. */
void tm_judge_protect_local(struct tm_findings *f, const char *name, const char *address,
			    const struct tm_protect_machine *m);

#endif
