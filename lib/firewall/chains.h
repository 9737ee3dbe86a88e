/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Chains of `nft list ruleset`: which of them see packets that conntrack has looked at before the rules of protect do.
 */
#ifndef TM_FIREWALL_CHAINS_H
#define TM_FIREWALL_CHAINS_H

#include <stddef.h>

#include "words.h"

#define TM_NFT_CHAINS 256 /* of which so many are kept */
#define TM_PROTECT_PRIORITY (-5) /* of our forward rules (lib/protect/nft.h) */

struct tm_nft_chain {
	char family[8], table[TM_WORD], name[TM_WORD];
	bool base;
	bool early; /* its packets have been looked at by conntrack, and not by us */
	bool drops; /* of hook output, with the policy drop */
};

struct tm_nft_chains {
	struct tm_nft_chain list[TM_NFT_CHAINS];
	size_t count;
};

/* A place in the text: which table and chain a line belongs to. Begins zero-initialised. */
struct tm_nft_place {
	char family[8], table[TM_WORD], chain[TM_WORD];
};

/* Goes on to a line. True where it is one inside of a chain, false where it begins a table or chain. */
bool tm_nft_go_on(struct tm_nft_place *place, const char *line);

/* Whether a line in a chain tells its hook, and is no rule: "type filter hook …". */
bool tm_nft_is_hook(const char *line);

/* Finds the chains of a text. They are `early` also where such ones lead to them. */
void tm_nft_chains_find(struct tm_nft_chains *chains, const char *text);

/* NULL where it was left out. */
const struct tm_nft_chain *tm_nft_chain(const struct tm_nft_chains *chains, const struct tm_nft_place *place);

#endif
