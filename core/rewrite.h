/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Carries a verdict out: the MSS options, lengths where one is inserted, checksums. Decides nothing.
 */
#ifndef PK_REWRITE_H
#define PK_REWRITE_H

#include "checksum.h"
#include "decide.h"

struct pk_store_walk {
	struct pk_view *v;
	const struct pk_packet *pk;
	const struct pk_tcp *tcp;
	const struct pk_options *options;
	struct pk_checksum_edit *sum;
	__u32 edit;
	__u16 mss;
	bool failed;
};

static __attribute__((unused)) long pk_store_step(__u32 i, void *ctx)
{
	struct pk_store_walk *w = ctx;
	__u32 at = w->options->mss[i & 15];
	__u8 value[2];

	if (!(w->edit & 1u << (i & 15)))
		return 0;
	pk_put16(value, w->mss);
	if (!pk_put(w->v, w->pk->l4 + at + 2, value, 2)) {
		w->failed = true;
		return 1;
	}
	w->sum->data += pk_sum_change(pk_option_mss(w->tcp, at), w->mss, at & 1);
	return 0;
}

/* Adds the inserted bytes to a 16-bit length field; one of 0 stays ("to the end"). *old: what it was. */
PK_INLINE bool pk_grow_length(struct pk_view *v, __u32 at, __u16 *old)
{
	__u8 field[2];

	if (!pk_load(v, at, field, 2))
		return false;
	*old = pk_get16(field);
	if (!*old)
		return true;
	pk_put16(field, *old + PK_OPT_MSS_LEN);
	return pk_store(v, at, field, 2);
}

/* The lengths of the layers below TCP, and IPv4's header checksum. */
PK_INLINE bool pk_grow_lengths(struct pk_view *v, const struct pk_packet *pk)
{
	struct pk_checksum_edit e = {};
	__u8 field[2];
	__u16 old;

	if (pk->pppoe_length && !pk_grow_length(v, pk->pppoe_length, &old))
		return false;
	if (!pk_grow_length(v, pk->l3 + (pk->family == PK_IPV4 ? 2 : 4), &old))
		return false;
	if (pk->family == PK_IPV6 || !old)
		return true;
	if (!pk_load(v, pk->l3 + 10, field, 2))
		return false;
	e.field = pk_get16(field);
	e.data = pk_sum_change(old, old + PK_OPT_MSS_LEN, false);
	pk_put16(field, pk_checksum_edited(&e));
	return pk_store(v, pk->l3 + 10, field, 2);
}

struct pk_shift_walk {
	struct pk_view *v;
	__u32 at; /* behind the next byte to move */
	__u32 first;
};

/* A byte at a time, from the end: this is rare, and a buffer for all of it would not fit on the stack of BPF. */
static __attribute__((unused)) long pk_shift_step(__u32 i, void *ctx)
{
	struct pk_shift_walk *w = ctx;
	__u8 byte;

	if (w->at <= w->first || !pk_load(w->v, w->at - 1, &byte, 1))
		return 1;
	w->at--;
	pk_store(w->v, w->at + PK_OPT_MSS_LEN, &byte, 1);
	return 0;
}

/*
 * An MSS option right behind the base header; what stood there (options, padding) moves up. False, with the frame
 * unchanged, where the backend cannot lengthen it.
 */
PK_INLINE bool pk_insert_mss(struct pk_view *v, const struct pk_packet *pk, const struct pk_tcp *tcp, __u16 mss,
			     struct pk_checksum_edit *sum)
{
	struct pk_shift_walk w = { .v = v, .at = pk_frame_len(v), .first = pk->l4 + PK_TCP_HEADER };
	__u8 option[PK_OPT_MSS_LEN] = { PK_OPT_MSS, PK_OPT_MSS_LEN, mss >> 8, mss & 0xff };
	__u16 old = pk_get16(tcp->bytes + PK_TCP_OFFSET);
	__u8 offset[2];

	if (!pk_grow(v, PK_OPT_MSS_LEN))
		return false;
	PK_LOOP(PK_TCP_OPTIONS_MAX + PK_MAX_TRAILER, pk_shift_step, &w);
	pk_store(v, w.first, option, PK_OPT_MSS_LEN);
	pk_put16(offset, old + (PK_OPT_MSS_LEN / 4 << 12));
	pk_store(v, pk->l4 + PK_TCP_OFFSET, offset, 2);
	pk_grow_lengths(v, pk);

	sum->data = pk_sum_change(old, pk_get16(offset), false) + pk_get16(option) + mss;
	sum->pseudo = PK_OPT_MSS_LEN;
	return true;
}

/* True where the frame was changed; `partial` tells that its checksum is the device's to finish. */
PK_INLINE bool pk_rewrite(struct pk_view *v, const struct pk_packet *pk, const struct pk_tcp *tcp, const struct pk_options *o,
			  const struct pk_verdict *verdict, __u16 mss, bool *partial)
{
	struct pk_checksum_edit sum = { .field = pk_get16(tcp->bytes + PK_TCP_CHECKSUM) };

	sum.state = pk_checksum_state(v, pk, sum.field);
	*partial = sum.state == PK_SUM_PARTIAL;
	if (verdict->reason == PK_ADDED) {
		if (!pk_insert_mss(v, pk, tcp, mss, &sum))
			return false;
	} else {
		struct pk_store_walk w = {
			.v = v, .pk = pk, .tcp = tcp, .options = o, .sum = &sum, .edit = verdict->edit, .mss = mss
		};

		PK_LOOP_OFTEN_ONCE(o->count, pk_store_step, &w);
		if (w.failed)
			return false;
	}
	return pk_store_checksum(v, pk->l4 + PK_TCP_CHECKSUM, &sum);
}

#endif
