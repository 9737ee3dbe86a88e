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
	__u32 slot; /* which of the images of the rules map this is; BPF only */
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

PK_INLINE void pk_key_shift(struct pk_key *k, __u32 bits)
{
	k->high = k->high << bits | k->low >> (64 - bits);
	k->low <<= bits;
}

/* Each step but the last takes at least PK_TRIE_MIN_STRIDE of 128 bits. */
#define PK_TRIE_MAX_STEPS (128 / PK_TRIE_MIN_STRIDE + 1)

/*
 * The MTU of the longest prefix that holds the key, below a root; 0 where none does. Defined by the backend, with
 * pk_trie_find(): the verifier wants the walk in a function of its own.
 */
PK_INLINE __u32 pk_prefix_mtu(const struct pk_rules *r, __u32 root, struct pk_key *key);

PK_INLINE __u32 pk_trie_find(const struct pk_rules *r, __u32 entry, struct pk_key key)
{
	for (int i = 0; i < PK_TRIE_MAX_STEPS; i++) {
		__u32 type = PK_TRIE_TYPE(entry), param = PK_TRIE_PARAM(entry), index = PK_TRIE_INDEX(entry);

		if (type == PK_TRIE_BRANCH) {
			entry = pk_rules_word(r, index + (__u32)(key.high >> (64 - param)));
			pk_key_shift(&key, param);
		} else if (type == PK_TRIE_SKIP) {
			bool match = pk_rules_word(r, index) == (__u32)(key.high >> (63 - param));

			entry = pk_rules_word(r, match ? index + 1 : index + 2);
			pk_key_shift(&key, param + 1);
		} else {
			return entry & 0xffff;
		}
	}
	return 0;
}

#endif
