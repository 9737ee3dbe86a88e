/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A first look at a frame, for speed: nearly all are TCP right behind a plain IP header right behind a plain link header, and
 * then a few bytes at fixed places tell everything. It finds only what the parser (link.h, ip.h, tcp.h) finds, too; what it does
 * not know is left to that.
 */
#ifndef PK_GLANCE_H
#define PK_GLANCE_H

#include "link.h"
#include "tcp.h"

struct pk_glance {
	__u8 family; /* PK_NO_FAMILY: of another kind */
	__u8 flags; /* of TCP */
};

PK_INLINE __u32 pk_plain_l3(enum pk_link link)
{
	return link == PK_LINK_ETHERNET ? PK_ETH_HEADER : 0;
}

PK_INLINE struct pk_glance pk_glance(const struct pk_view *v, enum pk_link link)
{
	const struct pk_glance other = { PK_NO_FAMILY };
	__u32 l3 = pk_plain_l3(link);
	const __u8 *ip, *tcp;

	if (link != PK_LINK_ETHERNET && link != PK_LINK_RAW)
		return other;
	ip = pk_peek(v, l3, PK_IPV4_HEADER + PK_TCP_FLAGS + 1);
	if (!ip)
		return other;
	if (ip[0] == 0x45) {
		if (link == PK_LINK_ETHERNET && pk_get16(ip - 2) != PK_ETH_IPV4)
			return other;
		if (ip[9] != PK_PROTO_TCP || pk_get16(ip + 6) & 0x3fff) /* or a fragment, first or not */
			return other;
		return (struct pk_glance){ PK_IPV4, ip[PK_IPV4_HEADER + PK_TCP_FLAGS] };
	}
	if (ip[0] >> 4 == 6) {
		if (link == PK_LINK_ETHERNET && pk_get16(ip - 2) != PK_ETH_IPV6)
			return other;
		if (ip[6] != PK_PROTO_TCP)
			return other;
		tcp = pk_peek(v, l3 + PK_IPV6_HEADER, PK_TCP_FLAGS + 1);
		if (tcp)
			return (struct pk_glance){ PK_IPV6, tcp[PK_TCP_FLAGS] };
	}
	return other;
}

/* What the parser makes of such a frame. */
PK_INLINE struct pk_packet pk_plain(__u8 family, enum pk_link link)
{
	__u32 l3 = pk_plain_l3(link);

	return (struct pk_packet){
		.l3 = l3,
		.l4 = l3 + (family == PK_IPV4 ? PK_IPV4_HEADER : PK_IPV6_HEADER),
		.pseudo_dst = l3 + (family == PK_IPV4 ? 16 : 24),
		.family = family,
		.protocol = PK_PROTO_TCP,
	};
}

#endif
