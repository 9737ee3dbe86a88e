/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the options of a SYN or SYN-ACK offer (RFC 9293, 7323, 2018). The walk ends where that of options.h does; of an option that is there
 * twice the first counts.
 */
#ifndef PK_HANDSHAKE_H
#define PK_HANDSHAKE_H

#include "options.h"

enum {
	PK_OPT_WSCALE = 3,
	PK_OPT_SACK = 4,
	PK_OPT_TIMESTAMPS = 8,
};

#define PK_OPT_WSCALE_LEN     3
#define PK_OPT_SACK_LEN	      2
#define PK_OPT_TIMESTAMPS_LEN 10
#define PK_WSCALE_MAX	      14 /* RFC 7323, 2.3: a larger one counts as this */

/* One bit for each option. */
enum pk_offer {
	PK_OFFERS_MSS = 1,
	PK_OFFERS_WSCALE = 2,
	PK_OFFERS_SACK = 4,
	PK_OFFERS_TIMESTAMPS = 8,
	PK_OFFERS_ALL = 15,
};

struct pk_handshake {
	__u32 offers; /* enum pk_offer */
	__u32 seen; /* enum pk_option_seen */
	__u16 mss; /* valid where offered */
	__u8 wscale;
	__u8 timestamps; /* where in the header that option begins */
};

struct pk_handshake_walk {
	const struct pk_tcp *tcp;
	struct pk_handshake *h;
	__u32 at; /* offset in the header */
};

/* The option at `at`, which lies inside the header. */
PK_INLINE void pk_take_option(const struct pk_tcp *tcp, struct pk_handshake *h, __u32 at, __u8 kind, __u8 len)
{
	__u32 offer = 0;

	if (kind == PK_OPT_MSS && len == PK_OPT_MSS_LEN)
		offer = PK_OFFERS_MSS;
	else if (kind == PK_OPT_WSCALE && len == PK_OPT_WSCALE_LEN)
		offer = PK_OFFERS_WSCALE;
	else if (kind == PK_OPT_SACK && len == PK_OPT_SACK_LEN)
		offer = PK_OFFERS_SACK;
	else if (kind == PK_OPT_TIMESTAMPS && len == PK_OPT_TIMESTAMPS_LEN)
		offer = PK_OFFERS_TIMESTAMPS;
	else if (kind == PK_OPT_MD5)
		h->seen |= PK_SEEN_MD5;
	else if (kind == PK_OPT_AO)
		h->seen |= PK_SEEN_AO;
	if (h->offers & offer)
		return;
	h->offers |= offer;
	if (offer == PK_OFFERS_MSS)
		h->mss = pk_option_mss(tcp, at);
	else if (offer == PK_OFFERS_WSCALE)
		h->wscale = pk_tcp_byte(tcp, at + 2) < PK_WSCALE_MAX ? pk_tcp_byte(tcp, at + 2) : PK_WSCALE_MAX;
	else if (offer == PK_OFFERS_TIMESTAMPS)
		h->timestamps = at;
}

static __attribute__((unused)) long pk_handshake_step(__u32 i, void *ctx)
{
	struct pk_handshake_walk *w = ctx;
	__u32 at = w->at, end = w->tcp->header;
	__u8 kind, len;

	if (at >= end)
		return 1;
	kind = pk_tcp_byte(w->tcp, at);
	if (kind == PK_OPT_END)
		return 1;
	if (kind == PK_OPT_NOP) {
		w->at = at + pk_nops(w->tcp, at);
		return 0;
	}
	len = at + 1 < end ? pk_tcp_byte(w->tcp, at + 1) : 0;
	if (len < 2 || at + len > end || (kind == PK_OPT_MSS && len != PK_OPT_MSS_LEN)) {
		w->h->seen |= PK_SEEN_MALFORMED;
		return 1;
	}
	pk_take_option(w->tcp, w->h, at, kind, len);
	w->at = at + len;
	return 0;
}

PK_INLINE void pk_parse_handshake(const struct pk_tcp *tcp, struct pk_handshake *h)
{
	struct pk_handshake_walk w = { .tcp = tcp, .h = h, .at = PK_ANY_ZERO + PK_TCP_HEADER };

	h->offers = PK_ANY_ZERO;
	h->seen = PK_ANY_ZERO;
	PK_LOOP(PK_TCP_OPTIONS_MAX, pk_handshake_step, &w);
}

#endif
