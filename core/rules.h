/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Rules as the packet core reads them: one flat image of 32-bit words, built by lib/rules.c, looked at by BPF and user
 * space with the same code. It holds the limits of each hook and a trie of static prefixes for each family.
 *
 * The trie is level-compressed with its values pushed to the leaves (a lookup never goes back), because the kernel's own
 * LPM map costs 90 ns a lookup with 100 000 prefixes in it; docs/performance.md.
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
 * A trie entry: two bits of type, then
 *   leaf    the MTU, 0 for none (so that an entry of 0 is an empty trie)
 *   branch  log2 of the number of children (1 to 16) in 5 bits, index of the first in 25
 *   skip    number of bits to compare (1 to 32) less one in 5 bits, index of three words in 25:
 *           their value, the entry if they match, the entry if not (a leaf)
 */
#define PK_TRIE_LEAF   0u
#define PK_TRIE_BRANCH 1u
#define PK_TRIE_SKIP   2u

#define PK_TRIE_TYPE(e)  ((e) >> 30)
#define PK_TRIE_PARAM(e) ((e) >> 25 & 31)
#define PK_TRIE_INDEX(e) ((e) & 0x1ffffff)
#define PK_TRIE_ENTRY(type, param, index) ((type) << 30 | (__u32)(param) << 25 | (index))
#define PK_TRIE_MAX_INDEX 0x1ffffffu
#define PK_TRIE_MIN_STRIDE 4 /* bits that a step takes at least */

#endif
