/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The clamp, from frame to frame: parse → decide → rewrite.
 *
 * pk_parse_frame() is all that a packet that is no SYN costs. The limit of a SYN is found first (limit.h); then pk_clamp_usual()
 * tries its hand, and pk_clamp_syn() does what that leaves.
 */
#ifndef PK_CLAMP_H
#define PK_CLAMP_H

#include "glance.h"
#include "rewrite.h"
#include "usual.h"

/* Eight bytes, so that it is returned in one register. */
struct pk_result {
	__u8 reason; /* enum pk_reason */
	__u8 family; /* enum pk_family */
	bool syn; /* SYN set and RST clear */
	bool changed; /* bytes of the frame were changed */
	__u32 also; /* 1 << reason for what else is to be told of the packet */
};

/* PK_GO_ON: a SYN, whose lengths and options are still unchecked. *pk is zero before. */
PK_INLINE enum pk_reason pk_parse_closely(const struct pk_view *v, enum pk_link link, struct pk_packet *pk)
{
	enum pk_reason reason = pk_parse_link(v, pk, link);

	if (reason == PK_GO_ON)
		reason = pk_parse_ip(v, pk);
	if (reason == PK_GO_ON)
		reason = pk_parse_tcp_flags(v, pk);
	return reason;
}

/* The same, faster for most. */
PK_INLINE enum pk_reason pk_parse_frame(const struct pk_view *v, enum pk_link link, struct pk_packet *pk)
{
	struct pk_glance g = pk_glance(v, link);

	if (unlikely(!g.family))
		return pk_parse_closely(v, link, pk);
	*pk = pk_plain(g.family, link);
	return pk_judge_flags(g.flags);
}

/* The number of the lowest bit that is set, of 16; 0 for none. BPF has no instruction for it, and the verifier no love for branches. */
PK_INLINE __u32 pk_lowest_bit(__u32 bits)
{
	__u32 n = ((bits & -bits) - 1) & 0xffff; /* as many ones as there are zeros below it */

	n -= n >> 1 & 0x5555;
	n = (n & 0x3333) + (n >> 2 & 0x3333);
	n = (n + (n >> 4)) & 0x0f0f;
	return (n + (n >> 8)) & 15;
}

/* The MSS of the option that is to be changed first, else of the first one; 0: there is none. */
PK_INLINE __u16 pk_mss_told(const struct pk_tcp *tcp, const struct pk_options *o, const struct pk_verdict *verdict)
{
	return o->count ? pk_option_mss(tcp, o->mss[pk_lowest_bit(verdict->edit) & 15]) : 0;
}

/* Any SYN. *was is filled where the limit says PK_LIMIT_TELL: the MSS that it came with, 0 for none. */
PK_INLINE void pk_clamp_syn(struct pk_view *v, struct pk_packet *pk, const struct pk_limit *limit, struct pk_result *result,
			    __u16 *was)
{
	struct pk_tcp tcp = {};
	struct pk_options options = {};
	struct pk_verdict verdict = {};
	bool partial = false;

	result->syn = true;
	result->reason = pk_parse_tcp(v, pk, &tcp);
	if (result->reason != PK_GO_ON)
		return;
	pk_parse_options(&tcp, &options);
	pk_decide(v, pk, &tcp, &options, limit, &verdict);
	if (unlikely(limit->more & PK_LIMIT_TELL))
		*was = pk_mss_told(&tcp, &options, &verdict);
	result->reason = verdict.reason;
	if (verdict.reason == PK_ADDED || verdict.edit) {
		result->changed = pk_rewrite(v, pk, &tcp, &options, &verdict, limit->mss, &partial);
		if (!result->changed) /* no room in the frame; or no memory */
			result->reason = verdict.reason == PK_ADDED ? PK_NO_MSS_OPTION : PK_UNWRITABLE;
		if (result->changed && partial)
			result->also |= 1u << PK_CHECKSUM_PARTIAL;
	}
	if (result->changed && options.seen & PK_SEEN_MALFORMED)
		result->also |= 1u << PK_MALFORMED_OPTIONS;
}

#endif
