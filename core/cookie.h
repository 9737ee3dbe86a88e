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
#include "link.h"
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

/*
 * The headers of the answer. An IPv4 header takes the second half of `ip`, so that the TCP header follows it, too. Bytes behind the TCP header
 * are zero.
 */
struct pk_synack {
	__u8 ip[PK_IPV6_HEADER] __attribute__((aligned(8)));
	__u8 tcp[PK_SYNACK_TCP_MAX];
	__u32 header; /* length of the TCP header */
};

/*
 * Nothing is to be sent before SYNPROXY has reached the server, so the window is as small as can be. But not 0: then a client whose first ACK
 * is lost probes it, and Linux does that with a sequence number that is one too low (RFC 9293, 3.8.6.1) and that no cookie fits to, so
 * that it would wait for good. A window of one byte is probed with this byte.
 */
#define PK_SYNACK_WINDOW 1

/* Length of the IP header, and where it begins. */
PK_INLINE __u32 pk_synack_ip_header(__u8 family)
{
	return family == PK_IPV4 ? PK_IPV4_HEADER : PK_IPV6_HEADER;
}

PK_INLINE __u8 *pk_synack_ip(struct pk_synack *a, __u8 family)
{
	return a->ip + PK_IPV6_HEADER - pk_synack_ip_header(family);
}

/* Writes the TCP header but for its checksum. */
PK_INLINE void pk_synack_tcp(struct pk_synack *a, const struct pk_tcp *syn, const struct pk_offer *o,
			     const struct pk_grant *g, __u8 agreed, __u32 cookie, __u32 clock)
{
	__u32 header = a->header;
	__u16 flags = PK_TCP_SYN | PK_TCP_ACK | (agreed & PK_OFFER_ECN ? PK_TCP_ECE : 0);

	pk_copy(a->tcp, syn->bytes + 2, 2);
	pk_copy(a->tcp + 2, syn->bytes, 2);
	pk_put32(a->tcp + 4, cookie);
	pk_put32(a->tcp + 8, pk_get32(syn->bytes + 4) + 1);
	pk_put32(a->tcp + 12, header / 4 << 28 | (__u32)flags << 16 | PK_SYNACK_WINDOW);
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

/* Writes the IP header. The SYN's options, extension headers, traffic class and flow label are not answered. */
PK_INLINE bool pk_synack_ipv4(const struct pk_view *v, const struct pk_packet *pk, struct pk_synack *a)
{
	__u8 *ip = pk_synack_ip(a, PK_IPV4);

	pk_put32(ip, 0x45000000 | (PK_IPV4_HEADER + a->header));
	pk_put32(ip + 4, 0x00004000); /* do not fragment */
	pk_put32(ip + 8, PK_SYNACK_TTL << 24 | PK_PROTO_TCP << 16);
	if (!pk_take(v, pk->l3 + 16, ip + 12, 4) || !pk_take(v, pk->l3 + 12, ip + 16, 4))
		return false;
	pk_put16(ip + 10, ~pk_sum_words(ip, PK_IPV4_HEADER));
	return true;
}

PK_INLINE bool pk_synack_ipv6(const struct pk_view *v, const struct pk_packet *pk, struct pk_synack *a)
{
	pk_put32(a->ip, 0x60000000);
	pk_put32(a->ip + 4, a->header << 16 | PK_PROTO_TCP << 8 | PK_SYNACK_TTL);
	return pk_take(v, pk->l3 + 24, a->ip + 8, 16) && pk_take(v, pk->l3 + 8, a->ip + 24, 16);
}

/*
 * Makes the answer to a SYN whose header pk_parse_tcp() has copied; clock in milliseconds. Its checksum is 0 yet: *pseudo and *data get
 * the folded sums of pseudo-header and segment. False where the frame ends before.
 */
PK_INLINE bool pk_synack_make(const struct pk_view *v, const struct pk_packet *pk, const struct pk_tcp *syn,
			      const struct pk_offer *o, const struct pk_grant *g, __u32 cookie, __u32 clock,
			      struct pk_synack *a, __u16 *pseudo, __u16 *data)
{
	__u8 agreed = pk_cookie_agreed(o, g);
	__u32 addresses;

	a->header = pk_synack_header(agreed);
	pk_synack_tcp(a, syn, o, g, agreed, cookie, clock);
	if (pk->family == PK_IPV4) {
		if (!pk_synack_ipv4(v, pk, a))
			return false;
		addresses = pk_sum_words(a->ip + PK_IPV6_HEADER - 8, 8);
	} else {
		if (!pk_synack_ipv6(v, pk, a))
			return false;
		addresses = pk_sum_words(a->ip + 8, 32);
	}
	*pseudo = pk_fold(addresses + PK_PROTO_TCP + a->header);
	*data = pk_sum_words(a->tcp, PK_SYNACK_TCP_MAX);
	return true;
}

/* The shortest Ethernet frame, without its checksum: what is as long stays so, because not every device fills up. */
#define PK_FRAME_MIN 60

/* How long the frame with the answer is. */
PK_INLINE __u32 pk_synack_frame(const struct pk_view *v, const struct pk_packet *pk, const struct pk_synack *a)
{
	__u32 need = pk->l3 + pk_synack_ip_header(pk->family) + a->header, is = pk_frame_len(v);

	return need < PK_FRAME_MIN && is > need ? (is < PK_FRAME_MIN ? is : PK_FRAME_MIN) : need;
}

/* What lies below IP: turns the MAC addresses round, and tells PPPoE the length. */
PK_INLINE bool pk_synack_link(struct pk_view *v, const struct pk_packet *pk, const struct pk_synack *a,
			      enum pk_link link)
{
	__u8 copy[12] __attribute__((aligned(8))), turned[12] __attribute__((aligned(8)));
	const __u8 *macs;

	if (link == PK_LINK_ETHERNET) {
		macs = pk_bytes(v, 0, copy, 12);
		if (!macs)
			return false;
		for (int at = 0; at < 6; at += 2) {
			pk_put16(turned + at, pk_get16(macs + 6 + at));
			pk_put16(turned + 6 + at, pk_get16(macs + at));
		}
		if (!pk_put(v, 0, turned, sizeof(turned)))
			return false;
	}
	if (unlikely(pk->pppoe_length)) {
		pk_put16(turned, pk->l3 - pk->pppoe_length - 2 + pk_synack_ip_header(pk->family) + a->header);
		return pk_put(v, pk->pppoe_length, turned, 2);
	}
	return true;
}

/* Writes the answer over the SYN, in a frame that has its length: with its checksum as it stands in a->tcp. */
PK_INLINE bool pk_synack_store(struct pk_view *v, const struct pk_packet *pk, struct pk_synack *a)
{
	__u32 tcp = pk->l3 + pk_synack_ip_header(pk->family);
	const __u8 *ip = a->ip + PK_IPV6_HEADER - PK_IPV4_HEADER; /* in two parts, aligned as BPF wants its stack */

	if (pk->family == PK_IPV4 ? !pk_put(v, pk->l3, ip, 4) || !pk_put(v, pk->l3 + 4, ip + 4, PK_IPV4_HEADER - 4) :
				    !pk_put(v, pk->l3, a->ip, PK_IPV6_HEADER))
		return false;
	if (a->header == PK_SYNACK_TCP_MAX)
		return pk_put(v, tcp, a->tcp, PK_SYNACK_TCP_MAX);
	if (a->header == PK_SYNACK_TCP_MAX - 4)
		return pk_put(v, tcp, a->tcp, PK_SYNACK_TCP_MAX - 4);
	return pk_put(v, tcp, a->tcp, PK_TCP_HEADER + 4);
}

#endif
