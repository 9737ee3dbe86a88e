/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The SYNs of which floods and most stacks' connections are made, for speed: a TCP header of 40 bytes behind a plain IP header, with MSS,
 * timestamps and window scale in one of the usual orders, and nothing behind it. Where all of that is agreed on, the answer is as long.
 * Everything is read where it is. What this does not know is left to protect-syn.h and cookie.h, which come to the same.
 */
#ifndef PK_COOKIE_USUAL_H
#define PK_COOKIE_USUAL_H

#include "cookie.h"

#define PK_USUAL_HEADER 40 /* bytes of TCP, of the SYN and of its answer */

/* Length of the whole frame, behind a plain link header. */
PK_INLINE __u32 pk_usual_frame(__u8 family, __u32 l3)
{
	return l3 + pk_synack_ip_header(family) + PK_USUAL_HEADER;
}

/* The sum of source and destination. */
PK_INLINE __u16 pk_usual_addresses(const __u8 *ip, __u8 family)
{
	return family == PK_IPV4 ? pk_sum_words(ip + 12, 8) : pk_sum_words(ip + 8, 32);
}

/*
 * Reads such a SYN, whose IP header is at `ip`: PK_IPV4_HEADER or PK_IPV6_HEADER and PK_USUAL_HEADER bytes. False: it is not one, or cannot
 * be answered so, or its checksum is not right. *addresses: their sum.
 */
PK_INLINE bool pk_usual_syn(const __u8 *ip, __u8 family, struct pk_offer *o, __u16 *addresses)
{
	const __u8 *tcp = ip + pk_synack_ip_header(family), *times = tcp + 24, *scale = tcp + 36;
	__u16 told = pk_get16(ip + (family == PK_IPV4 ? 2 : 4));
	__u32 word;

	if (told != (family == PK_IPV4 ? PK_IPV4_HEADER + PK_USUAL_HEADER : PK_USUAL_HEADER) ||
	    tcp[PK_TCP_OFFSET] >> 4 != PK_USUAL_HEADER / 4 || pk_get16(tcp + 20) != (PK_OPT_MSS << 8 | PK_OPT_MSS_LEN))
		return false;
	if (pk_get32(tcp + 24) >> 8 == 0x010303) {
		scale = tcp + 24;
		times = tcp + 28;
	}
	word = pk_get32(times);
	if ((word != 0x0402080a && word != 0x0101080a) || pk_get32(scale) >> 8 != 0x010303)
		return false;
	*addresses = pk_usual_addresses(ip, family);
	if (pk_fold((__u32)*addresses + PK_PROTO_TCP + PK_USUAL_HEADER + pk_sum_words(tcp, PK_USUAL_HEADER)) != 0xffff)
		return false;
	o->mss = o->least = pk_get16(tcp + 22);
	o->offers = PK_OFFER_MSS | PK_OFFER_TIMESTAMPS | (word == 0x0402080a ? PK_OFFER_SACK : 0);
	if ((tcp[PK_TCP_FLAGS] & (PK_TCP_ECE | PK_TCP_CWR)) == (PK_TCP_ECE | PK_TCP_CWR))
		o->offers |= PK_OFFER_ECN;
	o->wscale = scale[3] < PK_MAX_WSCALE ? scale[3] : PK_MAX_WSCALE;
	o->tsval = pk_get32(times + 4);
	return o->mss >= pk_cookie_mss_min(family);
}

/* Turns the MAC addresses round, and copies the EtherType. */
PK_INLINE void pk_usual_macs(const __u8 *from, __u8 *to)
{
	__u16 word[7];

	for (int i = 0; i < 7; i++)
		word[i] = pk_get16(from + 2 * i);
	for (int i = 0; i < 3; i++) {
		pk_put16(to + 2 * i, word[3 + i]);
		pk_put16(to + 6 + 2 * i, word[i]);
	}
	if (from != to)
		pk_put16(to + 12, word[6]);
}

/* The addresses, as they lie there. */
struct pk_usual_ends {
	__u64 words[4]; /* IPv4: two halves */
};

PK_INLINE void pk_usual_ends(const __u8 *ip, __u8 family, struct pk_usual_ends *e)
{
	if (family == PK_IPV4) {
		e->words[0] = pk_raw32(ip + 12);
		e->words[1] = pk_raw32(ip + 16);
	} else {
		pk_copy(e->words, ip + 8, 32);
	}
}

/* Writes the IP header, from the SYN's addresses. */
PK_INLINE void pk_usual_ip(__u8 *to, __u8 family, const struct pk_usual_ends *e, __u16 addresses)
{
	__u32 word[3] = { 0x45000000 | (PK_IPV4_HEADER + PK_USUAL_HEADER), 0x00004000,
			  PK_SYNACK_TTL << 24 | PK_PROTO_TCP << 16 };

	if (family == PK_IPV4) {
		pk_put32(to, word[0]);
		pk_put32(to + 4, word[1]);
		pk_put32(to + 8, word[2] | (__u16)~pk_fold64((__u64)word[0] + word[1] + word[2] + addresses));
		pk_copy(to + 12, &e->words[1], 4);
		pk_copy(to + 16, &e->words[0], 4);
		return;
	}
	pk_put32(to, 0x60000000);
	pk_put32(to + 4, PK_USUAL_HEADER << 16 | PK_PROTO_TCP << 8 | PK_SYNACK_TTL);
	pk_copy(to + 8, &e->words[2], 16);
	pk_copy(to + 24, &e->words[0], 16);
}

/*
 * Writes the TCP header but for its checksum, `ports` and `seq` being the SYN's. Returns the folded sum of the segment while its checksum is 0.
 */
PK_INLINE __u16 pk_usual_tcp(__u8 *to, __u32 ports, __u32 seq, const struct pk_offer *o, const struct pk_grant *g,
			     __u8 agreed, __u32 cookie, __u32 clock)
{
	__u32 flags = PK_TCP_SYN | PK_TCP_ACK | (agreed & PK_OFFER_ECN ? PK_TCP_ECE : 0);
	__u32 length = (__u32)PK_USUAL_HEADER / 4 << 28 | flags << 16 | PK_SYNACK_WINDOW,
	      ours = pk_cookie_time(o, agreed, clock);
	__u32 mss = (__u32)(PK_OPT_MSS << 8 | PK_OPT_MSS_LEN) << 16 | g->mss, scale = 0x01030300 | g->wscale;
	__u32 times = agreed & PK_OFFER_SACK ? 0x0402080a : 0x0101080a;

	pk_put32(to, ports << 16 | ports >> 16);
	pk_put32(to + 4, cookie);
	pk_put32(to + 8, seq + 1);
	pk_put32(to + 12, length);
	pk_put32(to + 20, mss);
	pk_put32(to + 24, times);
	pk_put32(to + 28, ours);
	pk_put32(to + 32, o->tsval);
	pk_put32(to + 36, scale);
	return pk_fold64((__u64)ports + cookie + (seq + 1) + length + mss + times + ours + o->tsval + scale);
}

#endif
