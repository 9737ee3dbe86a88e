/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Path MTU discovery's eyes: packet-too-big messages (PTBs) are handed on as they are, and from that very moment the segments of the
 * flow that they quote, because its sender reacts within microseconds. Nothing is held up or changed, but for DF toward nodf
 * destinations.
 *
 * While no flow is watched and no destination is nodf, what is no SYN pays for one load.
 */
#ifndef TM_BPF_LEARN_H
#define TM_BPF_LEARN_H

#include "bpf/lookup.h"

#if TM_LEARNS
#include "core/df.h"
#include "core/quote.h"
#include "bpf/conntrack.h"

PK_INLINE bool tm_is_watching(void)
{
	return *(const volatile __u64 *)&tm_state; /* or nodf */
}

/* This CPU's counters, with a window that goes on. */
PK_INLINE struct tm_bpf_learning *tm_learning_now(__u64 now)
{
	struct tm_bpf_learning *l;
	__u32 zero = 0;

	l = bpf_map_lookup_elem(&tm_learning, &zero);
	if (l && now - l->window >= TM_LEARN_WINDOW_NS) {
		l->window = now;
		l->ptbs_now = 0;
		l->segments_now = 0;
		l->asked_now = 0;
	}
	return l;
}

PK_INLINE void tm_record(struct tm_bpf_learn *head, __u32 kind, __u32 direction)
{
	head->kind = kind;
	head->tag = tm_config.tag;
	head->time = bpf_ktime_get_boot_ns();
	head->direction = direction;
	head->pad = 0;
}

/* From the next packet on. What counts is written before the word that all look at. */
PK_INLINE void tm_watch(const struct tm_watched_flow *key, const struct pk_quote *q, __u64 now)
{
	struct tm_watched w = {
		.until = now + PK_WATCH_MS * 1000000ull, .first = q->seq, .last = q->seq, .mtu = q->mtu
	};
	const struct tm_watched *old = bpf_map_lookup_elem(&tm_watched, key);

	if (old && now <= old->until) {
		if ((__s32)(old->first - w.first) < 0)
			w.first = old->first;
		if ((__s32)(old->last - w.last) > 0)
			w.last = old->last;
	}
	bpf_map_update_elem(&tm_watched, key, &w, BPF_ANY);
	tm_state.until = w.until;
	__sync_lock_test_and_set(&tm_state.watching, 1);
}

PK_INLINE bool tm_give_ptb(const struct pk_view *v, __u32 l3, const struct tm_bpf_window *window)
{
	struct tm_bpf_ptb *ptb = bpf_ringbuf_reserve(&tm_learn, sizeof(*ptb), 0);
	__u32 n = v->len - l3;

	if (!ptb)
		return false;
	tm_record(&ptb->head, TM_BPF_LEARN_PTB, v->direction);
	ptb->window = *window;
	ptb->length = n;
	ptb->pad = 0;
	if (n > TM_LEARN_FRAME)
		n = TM_LEARN_FRAME;
	ptb->captured = n;
	if (!pk_load_some(v, l3, ptb->bytes, n, TM_LEARN_FRAME)) {
		bpf_ringbuf_discard(ptb, 0);
		return false;
	}
	bpf_ringbuf_submit(ptb, 0);
	return true;
}

/*
 * Whether a packet leaves through the device that it came in by. Of such nothing is learned: somebody out there could have sent both
 * the PTB and what looks like the reaction to it.
 */
PK_INLINE bool tm_turns_round(tm_context *ctx, __u32 direction)
{
	return direction == TM_OUT && !tm_config.wire[TM_IN] && tm_came_from(ctx) == tm_ifindex(ctx);
}

/* What is no TCP. */
__attribute__((noinline)) int tm_take_ptb(tm_context *ctx, __u32 direction, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, direction);
	struct tm_watched_flow key = {};
	struct tm_bpf_window window = {};
	struct tm_bpf_learning *l;
	struct pk_quote q = {};
	__u64 now;
	bool good;

	if (!pk || !pk_is_ptb(&v, pk) || tm_turns_round(ctx, direction))
		return 0;
	now = bpf_ktime_get_coarse_ns();
	l = tm_learning_now(now);
	if (!l || l->ptbs_now >= TM_LEARN_PTBS)
		goto left_out;
	good = pk_parse_quote(&v, pk, &q) == PK_NOT_REFUSED && pk_judge_quote(&q) == PK_NOT_REFUSED;
	if (good) {
		key.flow = q.flow;
		key.tag = tm_config.tag;
		if (l->asked_now < TM_LEARN_ASKED) {
			l->asked_now++;
			tm_find_window(ctx, &key.flow, &window);
		}
	}
	if (l->ptbs_now >= (window.known ? TM_LEARN_PTBS : good ? TM_LEARN_UNKNOWN : TM_LEARN_REFUSED))
		goto left_out;
	l->ptbs_now++;
	if (good)
		tm_watch(&key, &q, now);
	if (tm_give_ptb(&v, pk->l3, &window)) {
		l->ptbs++;
		return 0;
	}
left_out:
	if (l)
		l->ptbs_left_out++;
	return 0;
}

/* The watch ends where all time is over; a PTB that comes in between on another CPU begins it again. */
PK_INLINE void tm_end_watch(__u64 now)
{
	if (now <= tm_state.until)
		return;
	__sync_lock_test_and_set(&tm_state.watching, 0);
	if (now <= tm_state.until)
		tm_state.watching = 1;
}

/* Whether a segment may be the re-sent one; and the first ones tell where the sender was. */
PK_INLINE bool tm_is_wanted(struct tm_watched *w, const struct pk_segment *s)
{
	if (w->told < TM_LEARN_FIRST) {
		w->told++;
		return true;
	}
	return s->payload && (__s32)(s->seq - w->last) <= 0 && (__s32)(s->seq + s->payload - w->first) > 0;
}

__attribute__((noinline)) int tm_take_segment(tm_context *ctx, __u32 direction, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, direction);
	struct tm_watched_flow key = {};
	__u64 now = bpf_ktime_get_coarse_ns();
	struct tm_bpf_learning *l;
	struct tm_bpf_segment *s;
	struct pk_segment seen = {};
	struct tm_watched *w;

	tm_end_watch(now);
	if (!pk || tm_turns_round(ctx, direction) || !pk_flow_of(&v, pk, &key.flow))
		return 0;
	key.tag = tm_config.tag;
	w = bpf_map_lookup_elem(&tm_watched, &key);
	l = tm_learning_now(now);
	if (!w || !l || now > w->until || !pk_segment_of(&v, pk, tm_gso(ctx), &seen) || !tm_is_wanted(w, &seen))
		return 0;
	s = l->segments_now < TM_LEARN_SEGMENTS ? bpf_ringbuf_reserve(&tm_learn, sizeof(*s), 0) : NULL;
	if (!s) {
		l->segments_left_out++;
		return 0;
	}
	l->segments_now++;
	tm_record(&s->head, TM_BPF_LEARN_SEGMENT, direction);
	s->segment = seen;
	s->pad = 0;
	bpf_ringbuf_submit(s, 0);
	l->segments++;
	return 0;
}

/* Whether the program is where packets go toward the paths that it knows. */
PK_INLINE bool tm_toward_path(__u32 direction)
{
	return direction == TM_OUT || tm_config.wire[TM_IN] || TM_INWARD_ONLY;
}

__attribute__((noinline)) int tm_take_df(tm_context *ctx, __u32 octets, const struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_OUT);
	struct pk_learned_table t;
	struct tm_bpf_learning *l;
	struct pk_key key;
	__u32 zero = 0;
	__u64 value;

	if (!pk || !tm_learned_now(&t) || !pk_load_key(&v, pk->l3 + 16, PK_IPV4, &key))
		return 0;
	value = pk_learned_find(&t, &key, pk_learned_where(PK_IPV4, tm_config.tag));
	if (!(value & PK_LEARNED_NODF) || !pk_learned_holds(t.head, value, bpf_ktime_get_coarse_ns()) ||
	    pk_ipv4_length(&v, pk, tm_gso(ctx)) <= PK_LEARNED_MTU(value) ||
	    !pk_clear_df(&v, pk->l3, bpf_get_prandom_u32()))
		return 0;
	l = bpf_map_lookup_elem(&tm_learning, &zero);
	if (l)
		l->df_cleared++;
	return 0;
}

/* What is no SYN, while tm_is_watching(). */
__attribute__((noinline)) int tm_look_closer(tm_context *ctx, __u32 direction, __u32 octets)
{
	struct pk_packet pk = {};
	int reason = tm_parse_closely(ctx, octets, &pk);

	if (reason == PK_NOT_SYN && tm_state.watching)
		tm_take_segment(ctx, direction, octets, &pk);
	if ((reason == PK_NOT_SYN || reason == PK_NOT_TCP) && pk.family == PK_IPV4 && tm_state.nodf &&
	    tm_toward_path(direction))
		tm_take_df(ctx, octets, &pk);
	return 0;
}

#else

PK_INLINE bool tm_is_watching(void)
{
	return false;
}

PK_INLINE int tm_look_closer(tm_context *ctx, __u32 direction, __u32 octets)
{
	return 0;
}

PK_INLINE int tm_take_ptb(tm_context *ctx, __u32 direction, __u32 octets, struct pk_packet *pk)
{
	return 0;
}

#endif

#endif
