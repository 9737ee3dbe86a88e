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

/* Whether the frame is of that kind; sets *pk and the TCP flags then, and nothing else. */
PK_INLINE bool pk_glance(const struct pk_view *v, enum pk_link link, struct pk_packet *pk, __u8 *flags)
{
	__u32 l3 = link == PK_LINK_ETHERNET ? PK_ETH_HEADER : 0, l4;
	const __u8 *ip, *tcp;
	__u8 family;

	if (link != PK_LINK_ETHERNET && link != PK_LINK_RAW)
		return false;
	ip = pk_peek(v, l3, PK_IPV4_HEADER);
	if (!ip)
		return false;
	if (ip[0] == 0x45) {
		if (link == PK_LINK_ETHERNET && pk_get16(ip - 2) != PK_ETH_IPV4)
			return false;
		if (ip[9] != PK_PROTO_TCP || pk_get16(ip + 6) & 0x3fff) /* or a fragment, first or not */
			return false;
		family = PK_IPV4;
		l4 = l3 + PK_IPV4_HEADER;
	} else if (ip[0] >> 4 == 6) {
		if (link == PK_LINK_ETHERNET && pk_get16(ip - 2) != PK_ETH_IPV6)
			return false;
		if (ip[6] != PK_PROTO_TCP)
			return false;
		family = PK_IPV6;
		l4 = l3 + PK_IPV6_HEADER;
	} else {
		return false;
	}
	tcp = pk_peek(v, l4, PK_TCP_FLAGS + 1);
	if (!tcp)
		return false;
	*flags = tcp[PK_TCP_FLAGS];
	pk->family = family;
	pk->protocol = PK_PROTO_TCP;
	pk->l3 = l3;
	pk->l4 = l4;
	pk->pseudo_dst = l3 + (family == PK_IPV4 ? 16 : 24);
	return true;
}

#endif
