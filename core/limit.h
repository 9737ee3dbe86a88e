/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Which limit a SYN gets: the smallest of all that apply, and where it came from.
 *
 * MTU to MSS takes 40 (IPv4) or 60 (IPv6) bytes off, nothing for TCP options (RFC 6691, RFC 9293 3.7.1).
 */
#ifndef PK_LIMIT_H
#define PK_LIMIT_H

#include "learned.h"
#include "packet.h"
#include "trie.h"
#include "view.h"

enum pk_source {
	PK_FROM_NOWHERE,
	PK_FROM_MSS, /* the hook's fixed MSS */
	PK_FROM_MTU, /* the hook's fixed MTU */
	PK_FROM_DEVICE,
	PK_FROM_ROUTE,
	PK_FROM_PREFIX_SRC,
	PK_FROM_PREFIX_DST,
	PK_FROM_LEARNED_SRC, /* what path MTU discovery knows */
	PK_FROM_LEARNED_DST,
};

struct pk_limit {
	__u16 mss; /* 0: none */
	__u8 source; /* enum pk_source */
	__u8 more; /* what else than lowering is allowed: PK_HOOK_ALLOW_INCREASE, PK_HOOK_ADD_MISSING; and PK_LIMIT_TELL */
};

#define PK_LIMIT_TELL 0x80 /* the backend wants to know the MSS before and after */

#define PK_MSS4_MIN 32 /* what a fixed MSS is refused below, too */
#define PK_MSS6_MIN 1220 /* IPv6 links carry 1280 bytes (RFC 8200, 5) */

PK_INLINE __u32 pk_mtu_to_mss(__u32 mtu, __u8 family)
{
	if (family == PK_IPV4)
		return mtu > 40 + PK_MSS4_MIN ? mtu - 40 : PK_MSS4_MIN;
	return mtu > 60 + PK_MSS6_MIN ? mtu - 60 : PK_MSS6_MIN;
}

PK_INLINE void pk_limit_mss(struct pk_limit *l, __u32 mss, enum pk_source source)
{
	if (mss > 0xffff)
		mss = 0xffff;
	if (mss && (!l->mss || mss < l->mss)) {
		l->mss = mss;
		l->source = source;
	}
}

/* An MTU of 0 is none. */
PK_INLINE void pk_limit_mtu(struct pk_limit *l, __u32 mtu, __u8 family, enum pk_source source)
{
	if (mtu)
		pk_limit_mss(l, pk_mtu_to_mss(mtu, family), source);
}

PK_INLINE bool pk_load_key(const struct pk_view *v, __u32 off, __u8 family, struct pk_key *key)
{
	__u8 copy[16];
	const __u8 *a;

	if (family == PK_IPV4) {
		a = pk_bytes(v, off, copy, 4);
		if (a)
			*key = (struct pk_key){ .high = (__u64)pk_get32(a) << 32 };
	} else {
		a = pk_bytes(v, off, copy, 16);
		if (a)
			*key = (struct pk_key){ .high = pk_get64(a), .low = pk_get64(a + 8) };
	}
	return a;
}

/* pk_trie_find_ends(), defined by the backend: the verifier wants it in a function of its own. */
PK_INLINE __u32 pk_find_ends(const struct pk_rules *r, const struct pk_ends *e);

/* Prefixes and routes describe links, so both ends of the packet count. */
PK_INLINE void pk_limit_trie(const struct pk_view *v, const struct pk_packet *pk, const struct pk_rules *r, __u32 root,
			     enum pk_source from_src, enum pk_source from_dst, struct pk_limit *l)
{
	__u32 n = pk->family == PK_IPV4 ? 4 : 16, src = pk->l3 + (pk->family == PK_IPV4 ? 12 : 8);
	struct pk_ends ends = { .root = root, .slot = r->slot };
	__u32 mtus;

	if (!pk_load_key(v, src, pk->family, &ends.src) || !pk_load_key(v, src + n, pk->family, &ends.dst))
		return;
	mtus = pk_find_ends(r, &ends);
	pk_limit_mtu(l, mtus >> 16, pk->family, from_src);
	pk_limit_mtu(l, mtus & 0xffff, pk->family, from_dst);
}

/* What the kernel is asked for each SYN: the MTUs of device and routes. */
PK_INLINE void pk_limit_asked(const struct pk_view *v, const struct pk_packet *pk, const struct pk_rules *r,
			      const struct pk_hook *hook, struct pk_limit *l)
{
	const struct pk_rules_head *head = (const void *)r->image;
	__u32 routes = pk->family == PK_IPV4 ? head->routes4 : head->routes6;

	if (hook->flags & PK_HOOK_AUTO) {
		__u32 mtu = pk_device_mtu(v);

		pk_limit_mtu(l, mtu > pk->overhead ? mtu - pk->overhead : 0, pk->family, PK_FROM_DEVICE);
	}
	if (hook->flags & PK_HOOK_ROUTE) {
		pk_limit_mtu(l, pk_route_mtu(v, pk), pk->family, PK_FROM_ROUTE);
		if (routes)
			pk_limit_trie(v, pk, r, routes, PK_FROM_ROUTE, PK_FROM_ROUTE, l);
	}
}

/* The same, defined by the backend: in BPF a function of its own. */
PK_INLINE void pk_ask_limit(const struct pk_view *v, const struct pk_packet *pk, const struct pk_rules *r,
			    const struct pk_hook *hook, struct pk_limit *l);

/* What the table of learned paths knows of the address at off: its MTU, 0 for none; with PK_LEARNED_BOTH, where the table wants both ends. */
PK_INLINE __u32 pk_learned_at(const struct pk_view *v, const struct pk_learned_table *t, __u32 off, __u8 family, __u32 tag)
{
	__u64 where = pk_learned_where(family, tag), value;
	__u32 both = PK_LEARNED_HEAD(t->head->symmetric) ? PK_LEARNED_BOTH : 0;
	struct pk_key key;

	if (!PK_LEARNED_HEAD(t->head->count) || !pk_load_key(v, off, family, &key))
		return both;
	value = pk_learned_find(t, &key, where);
	if (!value || !pk_learned_holds(t->head, value, pk_monotonic(v)))
		return both;
	return PK_LEARNED_MTU(value) | both;
}

/* A path is what lies before the sender of a SYN: it says what that one may be sent. */
PK_INLINE void pk_limit_learned(const struct pk_view *v, const struct pk_packet *pk, struct pk_limit *l)
{
	__u32 n = pk->family == PK_IPV4 ? 4 : 16, src = pk->l3 + (pk->family == PK_IPV4 ? 12 : 8);
	__u32 found = pk_find_learned(v, src, pk->family);

	pk_limit_mtu(l, found & 0xffff, pk->family, PK_FROM_LEARNED_SRC);
	if (unlikely(found & PK_LEARNED_BOTH))
		pk_limit_mtu(l, pk_find_learned(v, src + n, pk->family) & 0xffff, pk->family, PK_FROM_LEARNED_DST);
}

PK_INLINE void pk_find_limit(const struct pk_view *v, const struct pk_packet *pk, const struct pk_rules *r,
			     const struct pk_hook *hook, struct pk_limit *l)
{
	const struct pk_rules_head *head = (const void *)r->image;
	__u32 prefixes = pk->family == PK_IPV4 ? head->root4 : head->root6;

	l->more = hook->flags & (hook->mss ? PK_HOOK_ALLOW_INCREASE | PK_HOOK_ADD_MISSING : PK_HOOK_ADD_MISSING);
	pk_limit_mss(l, hook->mss, PK_FROM_MSS);
	pk_limit_mtu(l, hook->mtu, pk->family, PK_FROM_MTU);
	if (hook->flags & (PK_HOOK_AUTO | PK_HOOK_ROUTE))
		pk_ask_limit(v, pk, r, hook, l);
	if (prefixes)
		pk_limit_trie(v, pk, r, prefixes, PK_FROM_PREFIX_SRC, PK_FROM_PREFIX_DST, l);
	if (pk_learns(v))
		pk_limit_learned(v, pk, l);
}

#endif
