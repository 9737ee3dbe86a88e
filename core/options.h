/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Parse step 4: the TCP option list (RFC 9293, 3.1).
 *
 * Walking ends at End-of-Options, at the end of the header, or at the first option that is malformed: length 0 or 1, over the end, or
 * kind 2 with another length than 4.
 */
#ifndef PK_OPTIONS_H
#define PK_OPTIONS_H

#include "tcp.h"

enum {
	PK_OPT_END = 0,
	PK_OPT_NOP = 1,
	PK_OPT_MSS = 2,
	PK_OPT_MD5 = 19, /* RFC 2385: the digest leaves options out */
	PK_OPT_AO = 29, /* RFC 5925: the MAC covers them */
};

#define PK_OPT_MSS_LEN 4
#define PK_FOUR_NOPS 0x01010101

enum pk_option_seen {
	PK_SEEN_MALFORMED = 1,
	PK_SEEN_MD5 = 2,
	PK_SEEN_AO = 4,
};

struct pk_options {
	__u8 mss[16]; /* where in the header each well-formed MSS option begins */
	__u32 count; /* of them; at most 10 fit into a header */
	__u32 seen; /* enum pk_option_seen */
};

struct pk_option_walk {
	const struct pk_tcp *tcp;
	struct pk_options *options;
	__u32 at; /* offset in the header */
};

/* How many options a step of the walk takes: in BPF, a step is a call. */
#define PK_OPTIONS_A_STEP 2

/* How many of the NOPs that begin at `at` to pass at once. A header ends with a word, and its copy is zero behind it. */
PK_INLINE __u32 pk_nops(const struct pk_tcp *tcp, __u32 at)
{
	if (at & 3 || pk_tcp_word(tcp, at) != PK_FOUR_NOPS)
		return 1;
	return pk_tcp_word(tcp, at + 4) == PK_FOUR_NOPS ? 8 : 4;
}

/* Where the next option begins; 0 at the end of the list. */
PK_INLINE __u32 pk_option_next(const struct pk_tcp *tcp, struct pk_options *o, __u32 at)
{
	__u32 end = tcp->header;
	__u8 kind, len;

	if (at >= end)
		return 0;
	kind = pk_tcp_byte(tcp, at);
	if (kind == PK_OPT_END)
		return 0;
	if (kind == PK_OPT_NOP)
		return at + pk_nops(tcp, at);
	len = at + 1 < end ? pk_tcp_byte(tcp, at + 1) : 0;
	if (len < 2 || at + len > end || (kind == PK_OPT_MSS && len != PK_OPT_MSS_LEN)) {
		o->seen |= PK_SEEN_MALFORMED;
		return 0;
	}
	if (kind == PK_OPT_MSS)
		o->mss[o->count++ & 15] = at;
	else if (kind == PK_OPT_MD5)
		o->seen |= PK_SEEN_MD5;
	else if (kind == PK_OPT_AO)
		o->seen |= PK_SEEN_AO;
	return at + len;
}

static __attribute__((unused)) long pk_option_step(__u32 i, void *ctx)
{
	struct pk_option_walk *w = ctx;
	__u32 at = w->at;

	for (int n = 0; n < PK_OPTIONS_A_STEP; n++) {
		at = pk_option_next(w->tcp, w->options, at);
		if (!at)
			return 1;
	}
	w->at = at;
	return 0;
}

PK_INLINE __u16 pk_option_mss(const struct pk_tcp *tcp, __u32 at)
{
	return pk_tcp_byte(tcp, at + 2) << 8 | pk_tcp_byte(tcp, at + 3);
}

PK_INLINE void pk_parse_options(const struct pk_tcp *tcp, struct pk_options *o)
{
	struct pk_option_walk w = { .tcp = tcp, .options = o, .at = PK_ANY_ZERO + PK_TCP_HEADER };

	o->count = PK_ANY_ZERO;
	o->seen = PK_ANY_ZERO;
	PK_LOOP(PK_TCP_OPTIONS_MAX / PK_OPTIONS_A_STEP, pk_option_step, &w);
}

#endif
