/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiles prefixes into the trie of core/rules.h.
 */
#ifndef TM_TRIE_H
#define TM_TRIE_H

#include "rules.h"

/* A growing array of words. Once `error` is set, nothing is added any more. */
struct tm_words {
	uint32_t *words;
	uint32_t count, room;
	int error; /* -ENOMEM, or -E2BIG beyond what an entry can name */
};

/* Appends n words of 0: their index. */
uint32_t tm_words_allot(struct tm_words *w, uint32_t n);

/*
 * Appends the trie of n prefixes of one family: the entry of its root. They are sorted by address, then length, so that one that
 * covers others stands before them; each is there once.
 */
uint32_t tm_trie_build(struct tm_words *w, const struct tm_prefix *p, size_t n);

/* Appends the tries of a set's prefixes, of both families, in any order: the entries of their roots. */
void tm_ruleset_tries(struct tm_words *w, const struct tm_ruleset *set, uint32_t *root4, uint32_t *root6);

/* How many bits two addresses share. */
unsigned tm_common_bits(const struct tm_prefix *a, const struct tm_prefix *b);

#endif
