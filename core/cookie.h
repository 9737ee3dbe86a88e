/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The SYN-ACK with which a gateway answers a SYN in the server's place, so that the kernel's SYNPROXY can go on with the
 * connection: it carries the kernel's SYN cookie as sequence number, and in the low bits of its timestamp what else SYNPROXY must
 * know of the SYN (nf_synproxy_core.c, synproxy_init_timestamp_cookie()). Without timestamps there is nowhere to keep window scale, SACK
 * and ECN, so they are not agreed on.
 */
#ifndef PK_COOKIE_H
#define PK_COOKIE_H

#include "checksum.h"
#include "offer.h"

/* What cookies can hold at least: below it a cookie would tell the server more than the client has offered. */
PK_INLINE __u16 pk_cookie_mss_min(__u8 family)
{
	return family == PK_IPV4 ? 536 : 1220;
}

/* Whether the kernel's cookie can stand for the MSS that is offered. Two options that differ cannot be kept in one. */
PK_INLINE bool pk_cookie_holds(const struct pk_offer *o, __u8 family)
{
	return !(o->offers & PK_OFFER_MSS) || (o->least >= pk_cookie_mss_min(family) && o->least == o->mss);
}

/* What is told to the client in the server's name. */
struct pk_grant {
	__u16 mss;
	__u8 wscale; /* PK_NO_WSCALE: none */
	__u8 offers; /* PK_OFFER_SACK, PK_OFFER_TIMESTAMPS, PK_OFFER_ECN: what the server can do */
};

#define PK_AGREED_WSCALE 0x80 /* beside what of enum pk_offers is agreed on */
#define PK_COOKIE_TIME_BITS 6
#define PK_COOKIE_NO_WSCALE 0xf
#define PK_COOKIE_SACK 0x10
#define PK_COOKIE_ECN 0x20

/* What both sides can do, of these: nothing without timestamps. */
PK_INLINE __u8 pk_cookie_agreed(const struct pk_offer *o, const struct pk_grant *g)
{
	__u8 both = o->offers & g->offers & (PK_OFFER_SACK | PK_OFFER_TIMESTAMPS | PK_OFFER_ECN);

	if (!(both & PK_OFFER_TIMESTAMPS))
		return 0;
	if (o->wscale != PK_NO_WSCALE && g->wscale != PK_NO_WSCALE)
		both |= PK_AGREED_WSCALE;
	return both;
}

/* The timestamp; clock in milliseconds. What is not agreed on, SYNPROXY must not offer to the server either. */
PK_INLINE __u32 pk_cookie_time(const struct pk_offer *o, __u8 agreed, __u32 clock)
{
	__u32 bits = agreed & PK_AGREED_WSCALE ? o->wscale : PK_COOKIE_NO_WSCALE;

	if (agreed & PK_OFFER_SACK)
		bits |= PK_COOKIE_SACK;
	if (agreed & PK_OFFER_ECN)
		bits |= PK_COOKIE_ECN;
	return clock >> PK_COOKIE_TIME_BITS << PK_COOKIE_TIME_BITS | bits;
}

/* Length of the TCP header. */
PK_INLINE __u32 pk_synack_header(__u8 agreed)
{
	if (!(agreed & PK_OFFER_TIMESTAMPS))
		return PK_TCP_HEADER + 4;
	return agreed & PK_AGREED_WSCALE ? PK_TCP_HEADER + 20 : PK_TCP_HEADER + 16;
}

#define PK_SYNACK_TCP_MAX (PK_TCP_HEADER + 20)
#define PK_SYNACK_TTL 64 /* net.ipv4.ip_default_ttl, IPv6 hop limit */

/* The headers of the answer. Bytes behind the TCP header are zero. */
struct pk_synack {
	__u8 ip[PK_IPV6_HEADER] __attribute__((aligned(8)));
	__u8 tcp[PK_SYNACK_TCP_MAX] __attribute__((aligned(8)));
};

/* Writes the TCP header but for its checksum. */
PK_INLINE void pk_synack_tcp(struct pk_synack *a, const struct pk_tcp *syn, const struct pk_offer *o, const struct pk_grant *g,
			     __u8 agreed, __u32 cookie, __u32 clock)
{
	__u32 header = pk_synack_header(agreed);
	__u16 flags = PK_TCP_SYN | PK_TCP_ACK | (agreed & PK_OFFER_ECN ? PK_TCP_ECE : 0);

	pk_copy(a->tcp, syn->bytes + 2, 2);
	pk_copy(a->tcp + 2, syn->bytes, 2);
	pk_put32(a->tcp + 4, cookie);
	pk_put32(a->tcp + 8, pk_get32(syn->bytes + 4) + 1);
	/* Window 0: nothing may be sent before SYNPROXY has reached the server. */
	pk_put32(a->tcp + 12, header / 4 << 28 | (__u32)flags << 16);
	pk_put32(a->tcp + 16, 0);
	pk_put32(a->tcp + 20, (__u32)(PK_OPT_MSS << 8 | PK_OPT_MSS_LEN) << 16 | g->mss);
	__builtin_memset(a->tcp + 24, 0, 16);
	if (header == PK_TCP_HEADER + 4)
		return;
	pk_put32(a->tcp + 24, agreed & PK_OFFER_SACK ? 0x0402080a : 0x0101080a);
	pk_put32(a->tcp + 28, pk_cookie_time(o, agreed, clock));
	pk_put32(a->tcp + 32, o->tsval);
	if (header == PK_SYNACK_TCP_MAX)
		pk_put32(a->tcp + 36, 0x01030300 | g->wscale);
}

/* Writes the IP header: `syn` points at that of the SYN, whose options and extension headers are not answered. */
PK_INLINE void pk_synack_ipv4(struct pk_synack *a, const __u8 *syn, __u32 segment)
{
	pk_put32(a->ip, 0x45000000 | (PK_IPV4_HEADER + segment));
	pk_put32(a->ip + 4, 0x00004000); /* do not fragment */
	pk_put32(a->ip + 8, PK_SYNACK_TTL << 24 | PK_PROTO_TCP << 16);
	pk_copy(a->ip + 12, syn + 16, 4);
	pk_copy(a->ip + 16, syn + 12, 4);
	pk_put16(a->ip + 10, ~pk_sum_words(a->ip, PK_IPV4_HEADER));
}

PK_INLINE void pk_synack_ipv6(struct pk_synack *a, const __u8 *syn, __u32 segment)
{
	pk_put32(a->ip, 0x60000000);
	pk_put32(a->ip + 4, segment << 16 | PK_PROTO_TCP << 8 | PK_SYNACK_TTL);
	pk_copy(a->ip + 8, syn + 24, 16);
	pk_copy(a->ip + 24, syn + 8, 16);
}

/* Folded sum of the pseudo-header. */
PK_INLINE __u16 pk_synack_pseudo(const struct pk_synack *a, __u8 family, __u32 segment)
{
	__u32 sum = family == PK_IPV4 ? pk_sum_words(a->ip + 12, 8) : pk_sum_words(a->ip + 8, 32);

	return pk_fold(sum + PK_PROTO_TCP + segment);
}

/* Folded sum of the segment while its checksum is 0. */
PK_INLINE __u16 pk_synack_sum(const struct pk_synack *a)
{
	return pk_sum_words(a->tcp, PK_SYNACK_TCP_MAX);
}

#endif
