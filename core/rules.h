/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Rules as the packet core reads them: one flat image of 32-bit words, built by lib/rules.c and lib/trie.c, looked at by
 * BPF and user space with the same code. It holds the limits of each hook and a trie of static prefixes for each family.
 *
 * The trie is level-compressed, its values are pushed to the leaves (a lookup never goes back), and it ends in lists of
 * ranges, because the kernel's own LPM map costs over 100 ns a lookup with 100 000 prefixes in it; docs/performance.md.
 */
#ifndef PK_RULES_H
#define PK_RULES_H

#include "target.h"

#define PK_HOOKS 64

enum pk_hook_flags {
	PK_HOOK_AUTO = 1, /* the device's MTU */
	PK_HOOK_ROUTE = 2, /* the routes' MTUs */
	PK_HOOK_ALLOW_INCREASE = 4,
	PK_HOOK_ADD_MISSING = 8,
};

/* The limits of one hook. */
struct pk_hook {
	__u16 mss; /* fixed for both families, 0: none */
	__u16 mtu; /* fixed, 0: none */
	__u32 flags; /* enum pk_hook_flags */
};

struct pk_rules_head {
	__u32 words; /* length of the image */
	__u32 root4, root6; /* trie entries */
	__u32 prefixes4, prefixes6; /* how many */
	__u32 list; /* index of struct pk_prefix[prefixes4 + prefixes6]: for people, the packet path reads the trie */
	__u32 routes4, routes6; /* trie entries: routes with an MTU of their own that the kernel does not tell BPF */
	struct pk_hook hooks[PK_HOOKS];
};

/* A prefix as it was given: IPv4 in addr[0]; network order. */
struct pk_prefix {
	__u32 addr[4];
	__u16 len; /* bits */
	__u16 mtu; /* bytes */
};

#define PK_PREFIX_WORDS (sizeof(struct pk_prefix) / sizeof(__u32))

/*
 * A trie entry is 25 bits of value, 5 of parameter, 2 of type:
 *   leaf    parameter 0: the value is the MTU, 0 for none (so that an entry of 0 is an empty trie);
 *           parameter 1: index of the entry with which the second 64 bits of the key begin
 *   branch  16 less log2 of the number of children (1 to 16); index of the first
 *   skip    number of bits to compare (PK_TRIE_MIN_STRIDE to 32) less one; index of three words:
 *           their value, the entry if they match, the entry if not (a leaf)
 *   ranges  half the number of words (2 to PK_TRIE_MAX_RANGES) less one; index of the first. Each is where a range of the
 *           next 16 bits begins, in the upper half, and its MTU; ascending, the first at 0. The last may stand there twice.
 *           Nothing comes below.
 * No step takes bits of both halves of the key.
 */
#define PK_TRIE_LEAF   0u
#define PK_TRIE_BRANCH 1u
#define PK_TRIE_SKIP   2u
#define PK_TRIE_RANGES 3u

#define PK_TRIE_TYPE(e)  ((e) & 3)
#define PK_TRIE_PARAM(e) ((e) >> 2 & 31)
#define PK_TRIE_VALUE(e) ((e) >> 7)
#define PK_TRIE_ENTRY(type, param, value) ((__u32)(value) << 7 | (__u32)(param) << 2 | (type))
#define PK_TRIE_MAX_INDEX 0x1ffffffu
#define PK_TRIE_MAX_STRIDE 16
#define PK_TRIE_MIN_STRIDE 4 /* bits that a skip takes at least, and a branch that does not end a half with fewer */
#define PK_TRIE_MAX_RANGES 64
#define PK_TRIE_RANGE_BITS 16
#define PK_TRIE_HALF       64

#endif
