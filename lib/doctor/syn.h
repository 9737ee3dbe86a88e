/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judges a trial SYN: what went in, what came out, what the hook counted; and who else stands on the same hook of the device.
 */
#ifndef TM_DOCTOR_SYN_H
#define TM_DOCTOR_SYN_H

#include "doctor.h"
#include "trial-syn.h"

/* How the SYN got to the clamp; what each proves is told in the text. */
enum tm_way {
	TM_SENT, /* sent out of the device, seen behind its tc egress */
	TM_PUT, /* put before the device's ingress, seen behind its tc ingress */
	TM_FROM_PEER, /* sent by the other end of a veth, seen behind XDP */
	TM_CARRIED, /* put before a device's ingress, seen leaving through the wire's other one */
	TM_COUNTED, /* put before the device's ingress; a bridge or bond takes it: only counted */
	TM_RUN, /* run through the attached program, not through the device */
};

struct tm_syn_facts {
	const char *hook, *device;
	enum tm_way way;
	bool leaving; /* the direction, as counters name it */
	bool by_route; /* the hook also follows routes, which `expected` leaves out: a lower MSS is right */
	struct tm_trial trial;
	struct tm_frame sent, expected, got;
	uint16_t expected_mss; /* the rules' */
	bool seen; /* `got` is filled */
	bool got_partial; /* the checksum of `got` is still left to the device */
	uint32_t verdict; /* TM_RUN: what the program returned */
	bool passed; /* TM_RUN: and that means on */
	uint64_t counted; /* SYNs of this family and direction that the hook counted meanwhile */
};

/* "in IPv4" and so on, with the checksum's state. */
void tm_judge_syn(struct tm_findings *f, const struct tm_syn_facts *s);

/* A program or filter on the same hook of the device. */
struct tm_attached {
	char kind[12]; /* "XDP", "TCX", "tc bpf", "tc flower", … */
	char name[32]; /* may be empty: not permitted to know */
	uint32_t id; /* of a BPF program, else 0 */
	bool ours;
};

/* `direction`: "in" or "out". `list`: in the order in which they see a packet. `lost`: a trial SYN did not get to the clamp. */
void tm_judge_order(struct tm_findings *f, const char *hook, const char *direction, const struct tm_attached *list,
		    size_t count, bool lost);

#endif
