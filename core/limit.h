/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Which limit a SYN gets: the smallest of all that apply, and where it came from.
 */
#ifndef PK_LIMIT_H
#define PK_LIMIT_H

#include "learned-path.h"
#include "mss.h"
#include "packet.h"

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
