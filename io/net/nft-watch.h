/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a table of ours is still as we left it. Others load rule sets of their own, and most begin with "flush ruleset".
 */
#ifndef IO_NFT_WATCH_H
#define IO_NFT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* What is remembered of a table. */
struct io_nft_mark {
	uint32_t generation; /* of all rules of this network namespace: another one with each change of any */
	uint64_t handle; /* the table's, which no other ever gets; 0: there is none */
	uint32_t use; /* chains, sets and objects in it */
	uint32_t flags;
	uint32_t rules;
};

/* Looks at a table of family inet. 0 or −errno; no such table is no error. Needs CAP_NET_ADMIN. */
int io_nft_mark(struct io_nft_mark *mark, const char *table);

/*
 * Whether the table is there and has as many chains, sets and rules as when it was marked. Cheap, for a timer: one question to the
 * kernel where nothing at all has changed. True also where the kernel gives no answer.
 */
bool io_nft_unchanged(struct io_nft_mark *mark, const char *table);

#endif
