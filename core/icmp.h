/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Packet-too-big messages (PTBs): ICMP "fragmentation needed" (RFC 792, 1191) and ICMPv6 "packet too big" (RFC 4443, 3.2).
 */
#ifndef PK_ICMP_H
#define PK_ICMP_H

#include "ip.h"

#define PK_ICMP_HEADER 8

enum {
	PK_PROTO_ICMP = 1,
	PK_PROTO_ICMPV6 = 58,
};

/* What pk_parse_ip() has found to be no TCP (PK_NOT_TCP): whether it is a PTB. A first fragment of one is one, too. */
PK_INLINE bool pk_is_ptb(const struct pk_view *v, const struct pk_packet *pk)
{
	__u8 copy[2];
	const __u8 *icmp;

	if (pk->protocol != (pk->family == PK_IPV4 ? PK_PROTO_ICMP : PK_PROTO_ICMPV6))
		return false;
	icmp = pk_bytes(v, pk->l4, copy, 2);
	if (!icmp)
		return false;
	return pk->family == PK_IPV4 ? icmp[0] == 3 && icmp[1] == 4 : icmp[0] == 2 && icmp[1] == 0;
}

/* The MTU that it tells, 0: none (IPv4: a router from before RFC 1191). False where the frame ends before. */
PK_INLINE bool pk_ptb_mtu(const struct pk_view *v, const struct pk_packet *pk, __u32 *mtu)
{
	__u8 field[4];

	if (!pk_take(v, pk->l4 + 4, field, sizeof(field)))
		return false;
	*mtu = pk->family == PK_IPV4 ? pk_get16(field + 2) : pk_get32(field);
	return true;
}

#endif
