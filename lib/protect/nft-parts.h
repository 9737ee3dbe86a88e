/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files that write the rules of protect (lib/protect/nft.h) share.
 */
#ifndef TM_PROTECT_NFT_PARTS_H
#define TM_PROTECT_NFT_PARTS_H

#include <stdio.h>

#include "nft.h"
#include "service-ranges.h"

#define NFT_RULE "add rule inet " TM_PROTECT_TABLE " "
#define NFT_FLUSH "flush chain inet " TM_PROTECT_TABLE " "

#define NFT_FAMILIES 2

/* The words that differ between IPv4 and IPv6. */
struct nft_family {
	enum pk_family family;
	char digit; /* in names */
	const char *ip, *type;
	unsigned mss; /* the smallest that a cookie knows */
};

extern const struct nft_family nft_families[NFT_FAMILIES];

/* The text that is being written. */
struct nft_text {
	FILE *f;
	const struct tm_nft_input *in;
	const struct pk_services_head *head;
	const struct tm_nft_block *blocks[TM_PROTECT_BLOCKS]; /* by number; NULL: none has it */
	bool answers; /* some block has no accelerator */
	bool *set_answers; /* by set: it has a port of such a block */
	struct tm_synproxy offers[TM_SYNPROXY_OFFERS];
	size_t offer_count;
	struct tm_service_range *ranges[NFT_FAMILIES];
	size_t range_count[NFT_FAMILIES];
};

/* Whether there is a chain for it. */
bool nft_has_offer(const struct nft_text *t, const struct tm_synproxy *offer);

void nft_put_offer_name(FILE *f, const struct tm_synproxy *offer);

/* Fills t->ranges, and t->set_answers. 0 or -ENOMEM. */
int nft_find_ranges(struct nft_text *t);
int nft_find_answers(struct nft_text *t);

/* The maps and sets of a family, inside of the table's braces. */
void nft_put_maps(const struct nft_text *t, size_t family);

/* The chains of the sets that a family's servers have: declared, or what is in them. 0 or -ENOMEM. */
int nft_put_sets(const struct nft_text *t, size_t family, bool declare);

/* What follows from the states of blocks. */
void nft_put_arm(const struct nft_text *t);

#endif
