/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/view.h over a frame in memory.
 */
#ifndef TM_VIEW_H
#define TM_VIEW_H

#include "core/checksum.h"
#include "core/learned.h"
#include "core/trie.h"
#include "core/view.h"

struct pk_view {
	__u8 *frame;
	__u32 len; /* bytes of the frame */
	__u32 room; /* bytes of the buffer, ≥ len */
	__u32 device_mtu, route_mtu; /* where the caller knows them, else 0 */
	__u32 tag; /* whose learned paths count */
	struct pk_learned_table learned; /* no head: none */
	__u64 now; /* CLOCK_MONOTONIC in ns; only for them */
};

PK_INLINE __u32 pk_frame_len(const struct pk_view *v)
{
	return v->len;
}

PK_INLINE bool pk_inside(const struct pk_view *v, __u32 off, __u32 n)
{
	return n <= v->len && off <= v->len - n;
}

PK_INLINE const void *pk_peek(const struct pk_view *v, __u32 off, __u32 n)
{
	return pk_inside(v, off, n) ? v->frame + off : NULL;
}

PK_INLINE bool pk_reaches(const struct pk_view *v, const void *p, __u32 n)
{
	return n <= (size_t)(v->frame + v->len - (const __u8 *)p);
}

PK_INLINE void *pk_poke(struct pk_view *v, __u32 off, __u32 n)
{
	return pk_inside(v, off, n) ? v->frame + off : NULL;
}

PK_INLINE bool pk_load(const struct pk_view *v, __u32 off, void *dst, __u32 n)
{
	if (!pk_inside(v, off, n))
		return false;
	if (__builtin_constant_p(n))
		memcpy(dst, v->frame + off, n);
	else
		memmove(dst, v->frame + off, n); /* a call: the compiler's own memcpy() for a few bytes takes 30 ns (rep movs) */
	return true;
}

PK_INLINE bool pk_store(struct pk_view *v, __u32 off, const void *src, __u32 n)
{
	if (!pk_inside(v, off, n))
		return false;
	memcpy(v->frame + off, src, n);
	return true;
}

PK_INLINE bool pk_grow(struct pk_view *v, __u32 n)
{
	if (v->room - v->len < n)
		return false;
	v->len += n;
	return true;
}

PK_INLINE bool pk_resize(struct pk_view *v, __u32 len)
{
	if (v->room < len)
		return false;
	v->len = len;
	return true;
}

PK_INLINE bool pk_store_checksum(struct pk_view *v, __u32 off, const struct pk_checksum_edit *e)
{
	return pk_write_checksum(v, off, e);
}

PK_INLINE __u32 pk_find_ends(const struct pk_rules *r, const struct pk_ends *e)
{
	return pk_trie_find_ends(r, e);
}

PK_INLINE __u32 pk_device_mtu(const struct pk_view *v)
{
	return v->device_mtu;
}

PK_INLINE __u32 pk_route_mtu(const struct pk_view *v, const struct pk_packet *pk)
{
	return v->route_mtu;
}

PK_INLINE bool pk_learns(const struct pk_view *v)
{
	return v->learned.head;
}

PK_INLINE __u64 pk_monotonic(const struct pk_view *v)
{
	return v->now;
}

#include "core/limit.h"

static __attribute__((noinline, unused)) __u32 tm_find_learned(const struct pk_view *v, __u32 off, __u8 family)
{
	return pk_learned_at(v, &v->learned, off, family, v->tag);
}

PK_INLINE __u32 pk_find_learned(const struct pk_view *v, __u32 off, __u8 family)
{
	return tm_find_learned(v, off, family);
}

/* A function: a hook with nothing to look up does not pay for the registers that it takes. */
static __attribute__((noinline, unused)) struct pk_limit tm_ask_limit(const struct pk_view *v,
									  const struct pk_packet *pk,
									  const struct pk_rules *r,
									  const struct pk_hook *hook, struct pk_limit l)
{
	pk_limit_asked(v, pk, r, hook, &l);
	return l;
}

PK_INLINE void pk_ask_limit(const struct pk_view *v, const struct pk_packet *pk, const struct pk_rules *r,
				const struct pk_hook *hook, struct pk_limit *l)
{
	struct pk_packet copy = *pk;

	*l = tm_ask_limit(v, &copy, r, hook, *l);
}

#endif
