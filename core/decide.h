/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * From what was parsed and the limit to a verdict. Writes nothing.
 */
#ifndef PK_DECIDE_H
#define PK_DECIDE_H

#include "limit.h"
#include "options.h"

/* The MSS a receiver assumes where no option tells it (RFC 9293, 3.7.1). */
PK_INLINE __u16 pk_default_mss(__u8 family)
{
	return family == PK_IPV4 ? 536 : 1220;
}

/* Trailing bytes (Ethernet padding) that an insertion is ready to move. */
#define PK_MAX_TRAILER 64

/* Whether an MSS option can be inserted without breaking anything; the frame's room shows when it is tried. */
PK_INLINE bool pk_may_add(const struct pk_view *v, const struct pk_packet *pk, const struct pk_tcp *tcp,
			  const struct pk_options *o, __u16 limit)
{
	__u32 ip = pk->family == PK_IPV4 ? 0 : PK_IPV6_HEADER; /* what the IP length field leaves out */
	__u32 end = pk->l4 + tcp->header;

	return limit < pk_default_mss(pk->family) && !o->seen && !pk->more_fragments &&
	       pk->segment == tcp->header && tcp->header + PK_OPT_MSS_LEN <= PK_TCP_HEADER_MAX &&
	       pk_frame_len(v) - end <= PK_MAX_TRAILER && end - pk->l3 - ip + PK_OPT_MSS_LEN <= 0xffff;
}

struct pk_verdict {
	enum pk_reason reason;
	__u32 edit; /* bit n: pk_options.mss[n] gets the limit */
};

struct pk_compare_walk {
	const struct pk_tcp *tcp;
	const struct pk_options *options;
	__u16 limit;
	bool increase;
	bool raised;
	__u32 edit;
};

static __attribute__((unused)) long pk_compare_step(__u32 i, void *ctx)
{
	struct pk_compare_walk *w = ctx;
	__u16 mss = pk_option_mss(w->tcp, w->options->mss[i & 15]);

	if (mss > w->limit || (w->increase && mss < w->limit))
		w->edit |= 1u << (i & 15);
	if (w->increase && mss < w->limit)
		w->raised = true;
	return 0;
}

/*
 * Lowers every option above the limit, because receivers disagree on which of several counts; with allow-increase every
 * option takes the limit.
 */
PK_INLINE void pk_decide_present(const struct pk_tcp *tcp, const struct pk_options *o, __u16 limit, bool increase,
				 struct pk_verdict *verdict)
{
	struct pk_compare_walk w = { .tcp = tcp, .options = o, .limit = limit, .increase = increase };

	PK_LOOP_OFTEN_ONCE(o->count, pk_compare_step, &w);
	verdict->edit = w.edit;
	if (w.edit)
		verdict->reason = w.raised ? PK_RAISED : PK_CLAMPED;
	else
		verdict->reason = o->seen & PK_SEEN_MALFORMED ? PK_MALFORMED_OPTIONS : PK_WITHIN_LIMIT;
}

PK_INLINE void pk_decide(const struct pk_view *v, const struct pk_packet *pk, const struct pk_tcp *tcp,
			 const struct pk_options *o, const struct pk_limit *limit, struct pk_verdict *verdict)
{
	verdict->edit = 0;
	if (o->seen & PK_SEEN_AO)
		verdict->reason = PK_SIGNED;
	else if (!limit->mss)
		verdict->reason = PK_NO_LIMIT;
	else if (o->count)
		pk_decide_present(tcp, o, limit->mss, limit->more & PK_HOOK_ALLOW_INCREASE, verdict);
	else if (o->seen & PK_SEEN_MALFORMED)
		verdict->reason = PK_MALFORMED_OPTIONS;
	else if (limit->more & PK_HOOK_ADD_MISSING && pk_may_add(v, pk, tcp, o, limit->mss))
		verdict->reason = PK_ADDED;
	else
		verdict->reason = PK_NO_MSS_OPTION;
}

#endif
