/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Longest-prefix match in the trie of an image (core/rules.h).
 */
#ifndef PK_TRIE_H
#define PK_TRIE_H

#include "rules.h"

/* Where the image lies; `words` bounds every access. In BPF it is a constant of the loaded program. */
struct pk_rules {
	const __u32 *image;
	__u64 words; /* 64 bits: half a stack slot would lose its value for the verifier */
	__u32 slot; /* which of the two images of the rules map this is; BPF only */
};

PK_INLINE __u32 pk_rules_word(const struct pk_rules *r, __u64 at)
{
	PK_OPAQUE(at);
	return at < r->words ? r->image[at] : 0;
}

/* An address, most significant bit first. */
struct pk_key {
	__u64 high, low;
};

/* In each half, steps of PK_TRIE_MIN_STRIDE bits and a shorter one; between them the change, and a leaf in the end. */
#define PK_TRIE_MAX_STEPS (2 * (PK_TRIE_HALF / PK_TRIE_MIN_STRIDE + 1) + 2)

/* The MTU of the last of `count` ranges that begins at or before the next bits: halved to 8, then one by one. */
PK_INLINE __u32 pk_trie_range(const struct pk_rules *r, __u64 at, __u32 count, __u64 bits)
{
	__u32 probe = bits >> 32 | 0xffff, word;
	const __u32 *range;

	PK_OPAQUE(at);
	if (at + PK_TRIE_MAX_RANGES > r->words)
		return 0;
	range = r->image + at;
	if (count > 32 && range[32] <= probe) {
		range += 32;
		count -= 32;
	}
	if (count > 16 && range[16] <= probe) {
		range += 16;
		count -= 16;
	}
	if (count > 8 && range[8] <= probe) {
		range += 8;
		count -= 8;
	}
	word = range[0];
	for (__u32 i = 1; i < 8 && i < count && range[i] <= probe; i++)
		word = range[i];
	return word & 0xffff;
}

/* The MTU of the longest prefix that holds the key, below a root; 0 where none does. */
PK_INLINE __u32 pk_trie_find(const struct pk_rules *r, __u32 entry, struct pk_key key)
{
	__u64 bits = key.high; /* the next ones on top */

	for (int i = 0; i < PK_TRIE_MAX_STEPS; i++) {
		__u32 type = PK_TRIE_TYPE(entry), param = PK_TRIE_PARAM(entry);
		__u64 at = PK_TRIE_VALUE(entry);

		if (type == PK_TRIE_BRANCH) {
			entry = pk_rules_word(r, at + (bits >> (64 - PK_TRIE_MAX_STRIDE) >> param));
			bits <<= PK_TRIE_MAX_STRIDE - param;
		} else if (type == PK_TRIE_RANGES) {
			return pk_trie_range(r, at, 2 * (param + 1), bits);
		} else if (type == PK_TRIE_SKIP) {
			const __u32 *word;

			PK_OPAQUE(at);
			if (at + 3 > r->words)
				return 0;
			word = r->image + at;
			entry = likely(word[0] == (__u32)(bits >> (63 - param))) ? word[1] : word[2];
			bits <<= param + 1;
		} else if (!param) {
			return at & 0xffff;
		} else {
			entry = pk_rules_word(r, at);
			bits = key.low;
		}
	}
	return 0;
}

/* Both ends of a packet, and where to look them up. */
struct pk_ends {
	struct pk_key src, dst;
	__u32 root;
	__u32 slot; /* of the image that the root belongs to: another may be in force by now */
};

/* pk_trie_find() of the source in the upper half, of the destination in the lower. */
PK_INLINE __u32 pk_trie_find_ends(const struct pk_rules *r, const struct pk_ends *e)
{
	/* Word by word: the compiler for BPF would copy the structs byte by byte. */
	__u32 src = pk_trie_find(r, e->root, (struct pk_key){ e->src.high, e->src.low });

	return src << 16 | pk_trie_find(r, e->root, (struct pk_key){ e->dst.high, e->dst.low });
}

#endif
