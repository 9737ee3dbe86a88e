/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the parser found: offsets into the frame, never pointers.
 */
#ifndef PK_PACKET_H
#define PK_PACKET_H

#include "reason.h"
#include "target.h"

struct pk_packet {
	__u32 l3; /* offset of the IP header */
	__u32 l4; /* offset of the transport header */
	__u32 segment; /* length of the TCP segment as IP tells it, header included */
	__u32 pseudo_dst; /* offset of the destination in the pseudo-header; differs from IP's under source routing */
	__u32 pppoe_length; /* offset of the PPPoE length field, 0: no PPPoE */
	__u8 family; /* enum pk_family */
	__u8 protocol; /* IPv4 protocol, or the IPv6 next header reached so far */
	bool more_fragments; /* a first fragment: the segment goes on in another packet */
	__u8 overhead; /* bytes between the link's payload and the IP header that count against the device's MTU */
};

#endif
