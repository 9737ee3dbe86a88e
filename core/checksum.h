/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The state of a transport checksum, read from the frame: whole, or offload pending.
 */
#ifndef PK_CHECKSUM_H
#define PK_CHECKSUM_H

#include "sum.h"
#include "tcp.h"

#define PK_SUM_CHUNK 32

struct pk_sum_walk {
	const struct pk_view *v;
	__u32 off, end;
	__u32 sum;
	bool failed;
};

static __attribute__((unused)) long pk_sum_step(__u32 i, void *ctx)
{
	struct pk_sum_walk *w = ctx;
	__u8 chunk[PK_SUM_CHUNK] = {};
	__u32 n = w->end - w->off;

	if (w->off >= w->end)
		return 1;
	if (n > PK_SUM_CHUNK)
		n = PK_SUM_CHUNK;
	if (!pk_load_some(w->v, w->off, chunk, n, PK_SUM_CHUNK)) {
		w->failed = true;
		return 1;
	}
	for (n = 0; n < PK_SUM_CHUNK; n += 2)
		w->sum += pk_get16(chunk + n);
	w->sum = pk_fold(w->sum);
	w->off += PK_SUM_CHUNK;
	return 0;
}

/* n is 4 or 16. */
PK_INLINE bool pk_sum_address(const struct pk_view *v, __u32 off, __u32 n, __u32 *sum)
{
	__u8 copy[16];
	const __u8 *a = pk_bytes(v, off, copy, n);

	if (!a)
		return false;
	*sum += pk_sum_words(a, n);
	return true;
}

/* RFC 9293, 3.1 and RFC 8200, 8.1. */
PK_INLINE bool pk_pseudo_sum(const struct pk_view *v, const struct pk_packet *pk, __u16 *folded)
{
	__u32 sum = PK_PROTO_TCP + (pk->segment & 0xffff) + (pk->segment >> 16);
	bool found;

	if (pk->family == PK_IPV4)
		found = pk_sum_address(v, pk->l3 + 12, 4, &sum) && pk_sum_address(v, pk->pseudo_dst, 4, &sum);
	else
		found = pk_sum_address(v, pk->l3 + 8, 16, &sum) && pk_sum_address(v, pk->pseudo_dst, 16, &sum);
	*folded = pk_fold(sum);
	return found;
}

/* Whether the checksum could be offloaded: its field equals the pseudo-header's sum then. Zero has two spellings. */
PK_INLINE bool pk_maybe_pending(__u16 pseudo, __u16 field)
{
	return pseudo == field || field == 0 || field == 0xffff;
}

/*
 * A field that equals the pseudo-header's sum is an offloaded checksum, unless the segment verifies with it: one
 * complete checksum in 65536 looks like that. (The reverse, one offloaded segment in 65536 that verifies by chance,
 * cannot be told from bytes; tc does not need to, bpf/view-tc.h.)
 */
PK_INLINE enum pk_checksum_state pk_checksum_state(const struct pk_view *v, const struct pk_packet *pk, __u16 field)
{
	struct pk_sum_walk w = { .v = v, .off = pk->l4, .end = pk->l4 + pk->segment };
	__u16 pseudo;

	if (pk->more_fragments || !pk_pseudo_sum(v, pk, &pseudo) || pseudo != field)
		return PK_SUM_WHOLE;
	PK_LOOP(65536 / PK_SUM_CHUNK + 1, pk_sum_step, &w);
	if (!w.failed && w.off >= w.end && pk_fold(w.sum + field) == 0xffff)
		return PK_SUM_WHOLE;
	return PK_SUM_PARTIAL;
}

/* Writes the edited checksum: what a backend does that knows no more of it than the bytes. */
PK_INLINE bool pk_write_checksum(struct pk_view *v, __u32 off, const struct pk_checksum_edit *e)
{
	__u8 field[2];

	pk_put16(field, pk_checksum_edited(e));
	return pk_put(v, off, field, 2);
}

#endif
