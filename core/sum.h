/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Arithmetic of Internet checksums (RFC 1071) and their incremental update (RFC 1624, eqn. 3).
 *
 * Sums are kept in 32 bits of host order over 16-bit words in network order, folded when they are used.
 */
#ifndef PK_SUM_H
#define PK_SUM_H

#include "target.h"

/* What a transport checksum field holds. */
enum pk_checksum_state {
	PK_SUM_WHOLE, /* a checksum, right or wrong: an update keeps it exactly as right or wrong */
	PK_SUM_PARTIAL, /* the pseudo-header's sum only: the device adds the rest when the frame leaves */
};

struct pk_checksum_edit {
	enum pk_checksum_state state;
	__u16 field; /* as it stands in the frame */
	__u32 data; /* sum of ~old + new over changed words of the segment */
	__u32 pseudo; /* the same over the pseudo-header */
};

PK_INLINE __u16 pk_fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

PK_INLINE __u16 pk_fold64(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return pk_fold(sum);
}

/*
 * The folded sum of n bytes in whole words of 32 bits: added as they lie, because a sum of swapped words is the swapped sum
 * (RFC 1071, 2).
 */
PK_INLINE __u16 pk_sum_words(const __u8 *p, __u32 n)
{
	__u64 sum = 0;
	__u16 folded;

	for (__u32 at = 0; at < n; at += 4)
		sum += pk_raw32(p + at);
	folded = pk_fold64(sum);
	return pk_get16(&folded);
}

PK_INLINE __u16 pk_swap16(__u16 v)
{
	return v << 8 | v >> 8;
}

/* The change of a sum when the 16-bit value at an offset becomes another; at an odd offset it lies across two words. */
PK_INLINE __u32 pk_sum_change(__u16 old, __u16 new, bool odd)
{
	if (odd) {
		old = pk_swap16(old);
		new = pk_swap16(new);
	}
	return (__u16)~old + (__u32) new;
}

/* RFC 1624, eqn. 3. A partial field holds the sum itself, not its complement, and the data is not in it yet. */
PK_INLINE __u16 pk_checksum_edited(const struct pk_checksum_edit *e)
{
	if (e->state == PK_SUM_PARTIAL)
		return e->pseudo ? pk_fold(e->field + e->pseudo) : e->field;
	return ~pk_fold((__u16)~e->field + pk_fold(e->data) + pk_fold(e->pseudo));
}

#endif
