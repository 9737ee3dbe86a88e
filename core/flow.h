/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * One direction of a TCP connection, as a key, and what a segment of it looks like from outside. For watching how a sender
 * reacts to a packet-too-big message.
 */
#ifndef PK_FLOW_H
#define PK_FLOW_H

#include "target.h"

/*
 * How long a quoted flow is watched. Stacks that do not re-send at once do it when their retransmission timer ends: a second in the
 * beginning (RFC 6298), two when that was lost.
 */
#define PK_WATCH_MS 4000

/* No padding, unused bytes zero: compared and hashed as bytes. Addresses in network order, IPv4 in the first four bytes. */
struct pk_flow {
	__u8 src[16], dst[16]; /* dst: the final one, under source routing too */
	__u16 sport, dport; /* host order */
	__u8 family; /* enum pk_family */
	__u8 pad[3];
};

/* The other direction. */
PK_INLINE void pk_flow_turn(struct pk_flow *f)
{
	__u16 port = f->sport;

	for (int at = 0; at < 16; at += 8) {
		__u64 half = pk_get64(f->src + at);

		pk_put64(f->src + at, pk_get64(f->dst + at));
		pk_put64(f->dst + at, half);
	}
	f->sport = f->dport;
	f->dport = port;
}

/* A segment, of offloaded ones a whole train of them. */
struct pk_segment {
	struct pk_flow flow;
	__u32 seq;
	__u32 payload; /* bytes, of all of the train */
	__u16 length; /* of one packet on the wire, IP header included: the largest of the train */
	__u8 flags; /* of TCP */
	bool df; /* IPv4: DF set; IPv6: true */
};

#endif
