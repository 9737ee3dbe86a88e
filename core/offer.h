/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What a SYN offers in its options (RFC 9293, RFC 7323, RFC 2018), as far as a SYN-ACK answers it.
 *
 * The list is walked as receivers do: it ends at what is malformed, and of an option that is there twice the last one counts.
 */
#ifndef PK_OFFER_H
#define PK_OFFER_H

#include "tcp.h"
#include "options.h"

#define PK_TCP_FIN 0x01
#define PK_TCP_ACK 0x10
#define PK_TCP_ECE 0x40
#define PK_TCP_CWR 0x80

enum {
	PK_OPT_WSCALE = 3,
	PK_OPT_SACK_PERMITTED = 4,
	PK_OPT_TIMESTAMPS = 8,
};

#define PK_OPT_WSCALE_LEN 3
#define PK_OPT_SACK_PERMITTED_LEN 2
#define PK_OPT_TIMESTAMPS_LEN 10

#define PK_NO_WSCALE 0xff
#define PK_MAX_WSCALE 14

enum pk_offers { PK_OFFER_SACK = 1, PK_OFFER_TIMESTAMPS = 2, PK_OFFER_ECN = 4, PK_OFFER_SIGNED = 8, PK_OFFER_MSS = 16 };

struct pk_offer {
	__u16 mss; /* of the last MSS option, where there is one */
	__u16 least; /* of all MSS options; 0xffff: there is none */
	__u8 wscale; /* at most 14, PK_NO_WSCALE */
	__u8 offers; /* enum pk_offers */
	__u8 timestamps; /* where in the header the timestamps are, one behind the other, 0: nowhere */
	__u8 pad;
	__u32 tsval;
};

PK_INLINE void pk_offer_mss(struct pk_offer *o, __u16 mss)
{
	o->mss = mss;
	o->offers |= PK_OFFER_MSS;
	if (mss < o->least)
		o->least = mss;
}

PK_INLINE void pk_offer_wscale(struct pk_offer *o, __u8 wscale)
{
	o->wscale = wscale < PK_MAX_WSCALE ? wscale : PK_MAX_WSCALE;
}

/*
 * Lists of words of four bytes that are known by heart: nearly all. False, with *o half filled, for another one: pk_offer_walk() then.
 */
PK_INLINE bool pk_offer_usual(const struct pk_tcp *tcp, struct pk_offer *o)
{
	__u32 at = PK_TCP_HEADER;

	for (int i = 0; i < PK_TCP_OPTIONS_MAX / 4 && at < tcp->header; i++) {
		__u32 word = pk_tcp_word(tcp, at), step = 4;

		if (word >> 16 == (PK_OPT_MSS << 8 | PK_OPT_MSS_LEN)) {
			pk_offer_mss(o, word);
		} else if (word == 0x0402080a || word == 0x0101080a) { /* SACK permitted or two NOPs, then timestamps */
			step = 12;
			if (at + step > tcp->header)
				return false;
			o->timestamps = at + 4;
			o->tsval = pk_tcp_word(tcp, at + 4);
			o->offers |= word == 0x0402080a ? PK_OFFER_TIMESTAMPS | PK_OFFER_SACK : PK_OFFER_TIMESTAMPS;
		} else if (word == 0x01010402 || word == 0x04020000) { /* SACK permitted, at the end or not */
			o->offers |= PK_OFFER_SACK;
			if (word == 0x04020000)
				return true;
		} else if (word >> 8 == 0x010303) {
			pk_offer_wscale(o, word);
		} else {
			return false;
		}
		at += step;
	}
	return true;
}

struct pk_offer_walk {
	const struct pk_tcp *tcp;
	struct pk_offer *offer;
	__u32 at;
};

PK_INLINE __u32 pk_tcp_get32(const struct pk_tcp *tcp, __u32 at)
{
	return (__u32)pk_tcp_byte(tcp, at) << 24 | (__u32)pk_tcp_byte(tcp, at + 1) << 16 |
	       (__u32)pk_tcp_byte(tcp, at + 2) << 8 | pk_tcp_byte(tcp, at + 3);
}

/* An option of `len` bytes that lies within the header. */
PK_INLINE void pk_offer_take(const struct pk_tcp *tcp, struct pk_offer *o, __u32 at, __u8 kind, __u8 len)
{
	if (kind == PK_OPT_MSS && len == PK_OPT_MSS_LEN) {
		pk_offer_mss(o, pk_tcp_byte(tcp, at + 2) << 8 | pk_tcp_byte(tcp, at + 3));
	} else if (kind == PK_OPT_WSCALE && len == PK_OPT_WSCALE_LEN) {
		pk_offer_wscale(o, pk_tcp_byte(tcp, at + 2));
	} else if (kind == PK_OPT_SACK_PERMITTED && len == PK_OPT_SACK_PERMITTED_LEN) {
		o->offers |= PK_OFFER_SACK;
	} else if (kind == PK_OPT_TIMESTAMPS && len == PK_OPT_TIMESTAMPS_LEN) {
		o->offers |= PK_OFFER_TIMESTAMPS;
		o->timestamps = at + 2;
		o->tsval = pk_tcp_get32(tcp, at + 2);
	} else if (kind == PK_OPT_MD5 || kind == PK_OPT_AO) {
		o->offers |= PK_OFFER_SIGNED;
	}
}

static __attribute__((unused)) long pk_offer_step(__u32 i, void *ctx)
{
	struct pk_offer_walk *w = ctx;
	__u32 at = w->at, end = w->tcp->header;
	__u8 kind, len;

	if (at >= end)
		return 1;
	kind = pk_tcp_byte(w->tcp, at);
	if (kind == PK_OPT_END)
		return 1;
	if (kind == PK_OPT_NOP) {
		w->at = at + 1;
		return 0;
	}
	len = at + 1 < end ? pk_tcp_byte(w->tcp, at + 1) : 0;
	if (len < 2 || at + len > end)
		return 1;
	pk_offer_take(w->tcp, w->offer, at, kind, len);
	w->at = at + len;
	return 0;
}

PK_INLINE void pk_offer_none(struct pk_offer *o)
{
	*o = (struct pk_offer){ .least = 0xffff, .wscale = PK_NO_WSCALE };
}

/* Any list. */
PK_INLINE void pk_offer_walk(const struct pk_tcp *tcp, struct pk_offer *o)
{
	struct pk_offer_walk w = { .tcp = tcp, .offer = o, .at = PK_ANY_ZERO + PK_TCP_HEADER };

	pk_offer_none(o);
	PK_LOOP(PK_TCP_OPTIONS_MAX, pk_offer_step, &w);
}

/* tcp->bytes are zero behind the header, or at least readable. */
PK_INLINE void pk_offer_of(const struct pk_tcp *tcp, struct pk_offer *o)
{
	pk_offer_none(o);
	if (unlikely(!pk_offer_usual(tcp, o)))
		pk_offer_walk(tcp, o);
	if ((tcp->bytes[PK_TCP_FLAGS] & (PK_TCP_ECE | PK_TCP_CWR)) == (PK_TCP_ECE | PK_TCP_CWR))
		o->offers |= PK_OFFER_ECN;
}

#endif
