/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * How the core reaches the bytes of a frame.
 *
 * Each backend defines `struct pk_view` and these functions: lib/view.h (memory), bpf/view-xdp.h, bpf/view-tc.h. Offsets
 * count from the first byte of the frame, lengths are in bytes. Every function checks its range itself: no caller needs
 * to have done so.
 */
#ifndef PK_VIEW_H
#define PK_VIEW_H

#include "target.h"

struct pk_view;
struct pk_packet;
struct pk_checksum_edit;

/* Length of the whole frame. */
PK_INLINE __u32 pk_frame_len(const struct pk_view *v);

/*
 * n (a constant) bytes at off where they lie contiguous and can be read in place; else NULL, also when they exist
 * elsewhere.
 */
PK_INLINE const void *pk_peek(const struct pk_view *v, __u32 off, __u32 n);

/* Whether n (a constant) bytes at p, a pointer that came from pk_peek(), can be read in place, too. */
PK_INLINE bool pk_reaches(const struct pk_view *v, const void *p, __u32 n);

/* pk_peek() for writing; NULL, too, where the backend writes in another way. */
PK_INLINE void *pk_poke(struct pk_view *v, __u32 off, __u32 n);

/* Copies n ≥ 1 bytes out; false, and dst unspecified, where the frame ends before. */
PK_INLINE bool pk_load(const struct pk_view *v, __u32 off, void *dst, __u32 n);

/* Copies n ≥ 1 bytes in; false, and the frame unchanged, where it ends before or cannot be written. */
PK_INLINE bool pk_store(struct pk_view *v, __u32 off, const void *src, __u32 n);

/* Lengthens the frame by n bytes at its end; false, and the frame unchanged, where the backend has no room. */
PK_INLINE bool pk_grow(struct pk_view *v, __u32 n);

/* Makes the frame `len` bytes long, cut or lengthened at its end; false, and the frame unchanged, where the backend cannot. */
PK_INLINE bool pk_resize(struct pk_view *v, __u32 len);

/* Carries an edit over into the transport checksum at off. */
PK_INLINE bool pk_store_checksum(struct pk_view *v, __u32 off, const struct pk_checksum_edit *e);

/* MTU of the device that the frame is seen on, in bytes without the link header; 0 where there is none. */
PK_INLINE __u32 pk_device_mtu(const struct pk_view *v);

/* The smaller of the route MTUs toward source and destination, in bytes; 0 where none is known. */
PK_INLINE __u32 pk_route_mtu(const struct pk_view *v, const struct pk_packet *pk);

/* Whether there is a table of learned paths (learned.h). */
PK_INLINE bool pk_learns(const struct pk_view *v);

/* pk_learned_at() in that table: in BPF a function of its own. */
PK_INLINE __u32 pk_find_learned(const struct pk_view *v, __u32 off, __u8 family);

/* ns of CLOCK_MONOTONIC, to within some milliseconds. */
PK_INLINE __u64 pk_monotonic(const struct pk_view *v);

/* pk_load() of a constant length, in place where that is possible: in BPF much the faster way. */
PK_INLINE bool pk_take(const struct pk_view *v, __u32 off, void *dst, __u32 n)
{
	const void *p = pk_peek(v, off, n);

	if (unlikely(!p))
		return pk_load(v, off, dst, n);
	pk_copy(dst, p, n);
	return true;
}

/* pk_store() likewise. */
PK_INLINE bool pk_put(struct pk_view *v, __u32 off, const void *src, __u32 n)
{
	void *p = pk_poke(v, off, n);

	if (unlikely(!p))
		return pk_store(v, off, src, n);
	pk_copy(p, src, n);
	return true;
}

/* pk_load() for a length that is not a constant; one outside 1 … max is refused. */
PK_INLINE bool pk_load_some(const struct pk_view *v, __u32 off, void *dst, __u32 n, __u32 max)
{
	PK_OPAQUE(n);
	return n >= 1 && n <= max && pk_load(v, off, dst, n);
}

/* n bytes at off: in place where that is possible, else copied to `copy`; NULL where the frame ends before. */
#define pk_bytes(v, off, copy, n)                           \
	({                                                  \
		const __u8 *p_ = pk_peek(v, off, n);        \
		if (!p_ && pk_load(v, off, copy, n))        \
			p_ = copy;                          \
		p_;                                         \
	})

#endif
