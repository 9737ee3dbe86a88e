/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Which block protects a service: a flat image of 32-bit words, built by lib/protect/services.c, looked at by BPF and user space with
 * the same code.
 *
 * The servers' prefixes are a trie as that of static prefixes (core/rules.h, lib/trie.h) whose values are numbers of sets instead of
 * MTUs; a set holds ranges of ports and their blocks. The set of a prefix that lies in others has their ports, too, but for those that
 * it has itself.
 */
#ifndef PK_SERVICE_H
#define PK_SERVICE_H

#include "reason.h"
#include "trie.h"

struct pk_services_head {
	__u32 words; /* length of the image */
	__u32 root4, root6; /* trie entries; a leaf is the number of a set, from 1 on, 0: no service */
	__u32 sets; /* index of struct pk_service_set[set_count + 1]; the first one is not used */
	__u32 set_count;
	__u32 routes4, routes6; /* trie entries: routes with an MTU of their own that the kernel does not tell BPF (core/rules.h) */
	__u32 pad;
};

struct pk_service_set {
	__u32 ranges; /* index of struct pk_port_range[count], ascending, none reaching into another */
	__u32 count;
};

struct pk_port_range {
	__u32 ports; /* first << 16 | last, host order; 0x0000ffff: every port */
	__u32 block;
};

#define PK_NO_BLOCK 0xffffffffu
#define PK_RANGE_STEPS 17 /* of a binary search: a set has at most 65536 ranges */

/* The block of a port among the ranges of a set, or PK_NO_BLOCK. */
PK_INLINE __u32 pk_service_port(const struct pk_rules *r, __u32 set, __u16 port)
{
	const struct pk_services_head *head = (const void *)r->image;
	__u64 at = (__u64)head->sets + 2 * (__u64)set;
	__u32 first = pk_rules_word(r, at), end = pk_rules_word(r, at + 1), begin = 0;

	for (int i = 0; i < PK_RANGE_STEPS && begin < end; i++) {
		__u32 middle = (begin + end) / 2;
		__u64 range = first + 2 * (__u64)middle;
		__u32 ports = pk_rules_word(r, range);

		if (port < ports >> 16)
			end = middle;
		else if (port > (ports & 0xffff))
			begin = middle + 1;
		else
			return pk_rules_word(r, range + 1);
	}
	return PK_NO_BLOCK;
}

/* The block of a service, or PK_NO_BLOCK; port in host order. */
PK_INLINE __u32 pk_service_find(const struct pk_rules *r, __u8 family, struct pk_key key, __u16 port)
{
	const struct pk_services_head *head = (const void *)r->image;
	__u32 root = family == PK_IPV4 ? head->root4 : head->root6, set;

	if (!root)
		return PK_NO_BLOCK;
	set = pk_trie_find(r, root, key);
	return set ? pk_service_port(r, set, port) : PK_NO_BLOCK;
}

/* The MTU of the route to an address, as far as it is one of those that the image has; else 0. */
PK_INLINE __u32 pk_service_route(const struct pk_rules *r, __u8 family, struct pk_key key)
{
	const struct pk_services_head *head = (const void *)r->image;
	__u32 root = family == PK_IPV4 ? head->routes4 : head->routes6;

	return root ? pk_trie_find(r, root, key) : 0;
}

#endif
