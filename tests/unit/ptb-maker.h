/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes packet-too-big messages for tests, right ones and such as have one thing wrong.
 */
#ifndef PTB_MAKER_H
#define PTB_MAKER_H

#include <string.h>

#include "lib/pmtu/ptb.h"

struct ptb_spec {
	bool ipv6;
	__u8 reporter, sender, receiver; /* last bytes of 192.0.2.x, or 2001:db8::x */
	__u16 sport, dport;
	__u32 seq, mtu;
	__u16 length; /* of the quoted packet */
	__u8 protocol; /* quoted */
	__u8 options; /* bytes of quoted IPv4 options */
	__u8 version, type, code; /* version 0: of the family */
	bool df_clear, bad_icmp_sum, bad_ip_sum, outer_fragment;
	__u8 to; /* 0: the sender */
	__u16 fragment; /* quoted offset, in units of 8 bytes */
	__u8 quote; /* bytes of TCP that are quoted */
	bool syn;
	__u16 cut; /* bytes that are missing at the end of what was seen */
	__u8 padding; /* bytes behind the packet */
};

#define PTB_SPEC4                                                                                                     \
	{                                                                                                             \
		.reporter = 9, .sender = 1, .receiver = 2, .sport = 40000, .dport = 443, .seq = 1000000, .mtu = 1400, \
		.length = 1500, .protocol = 6, .quote = 8                                                             \
	}

static void ptb_address(const struct ptb_spec *s, __u8 last, __u8 *to)
{
	static const __u8 net4[3] = { 192, 0, 2 }, net6[4] = { 0x20, 0x01, 0x0d, 0xb8 };

	memset(to, 0, s->ipv6 ? 16 : 4);
	memcpy(to, s->ipv6 ? net6 : net4, s->ipv6 ? 4 : 3);
	to[s->ipv6 ? 15 : 3] = last;
}

static __u32 ptb_ip_header(const struct ptb_spec *s, __u8 *p, __u8 from, __u8 to, __u8 protocol, __u8 options)
{
	memset(p, 0, 40);
	if (s->ipv6) {
		p[0] = 0x60;
		p[6] = protocol;
		p[7] = 64;
		ptb_address(s, from, p + 8);
		ptb_address(s, to, p + 24);
		return 40;
	}
	memset(p + 20, 1, options);
	p[0] = 0x45 + options / 4;
	p[8] = 64;
	p[9] = protocol;
	ptb_address(s, from, p + 12);
	ptb_address(s, to, p + 16);
	return 20 + options;
}

static inline __u32 ptb_sum(const __u8 *p, __u32 n)
{
	__u32 sum = 0;

	for (__u32 i = 0; i < n; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

/* buf has 256 bytes. Returns how many of them were seen. */
static inline __u32 ptb_make(const struct ptb_spec *s, __u8 *buf)
{
	__u32 l4 = ptb_ip_header(s, buf, s->reporter, s->to ? s->to : s->sender, s->ipv6 ? 58 : 1, 0), q = l4 + 8, t,
	      end;
	__u8 *icmp = buf + l4, *ip = buf + q, *tcp;
	__u32 sum;

	memset(icmp, 0, 8);
	icmp[0] = s->type ? s->type : s->ipv6 ? 2 : 3;
	icmp[1] = s->code ? s->code : s->ipv6 ? 0 : 4;
	if (s->ipv6)
		pk_put16(icmp + 4, s->mtu >> 16);
	pk_put16(icmp + 6, s->mtu);
	t = ptb_ip_header(s, ip, s->sender, s->receiver, s->protocol, s->options);
	if (s->ipv6) {
		pk_put16(ip + 4, s->length - 40);
	} else {
		pk_put16(ip + 2, s->length);
		pk_put16(ip + 6, (s->df_clear ? 0 : 0x4000) | s->fragment);
	}
	if (s->version)
		ip[0] = s->version << 4 | (ip[0] & 15);
	tcp = ip + t;
	memset(tcp, 0, 20);
	pk_put16(tcp, s->sport);
	pk_put16(tcp + 2, s->dport);
	pk_put16(tcp + 4, s->seq >> 16);
	pk_put16(tcp + 6, s->seq);
	tcp[12] = 0x50;
	tcp[13] = s->syn ? 2 : 16;
	end = q + t + s->quote;
	pk_put16(buf + (s->ipv6 ? 4 : 2), s->ipv6 ? end - 40 : end);
	if (!s->ipv6) {
		pk_put16(buf + 6, s->outer_fragment ? 0x2000 : 0);
		pk_put16(buf + 10, ~pk_fold(ptb_sum(buf, l4)) + s->bad_ip_sum);
	}
	sum = ptb_sum(icmp, end - l4);
	if (s->ipv6)
		sum += ptb_sum(buf + 8, 32) + 58 + end - l4;
	pk_put16(icmp + 2, ~pk_fold(sum) + s->bad_icmp_sum);
	memset(buf + end, 0, s->padding);
	return end + s->padding - s->cut;
}

#endif
