/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nftables rules of protect, as text for libnftables: a table of our own, in which the kernel's SYNPROXY completes the connections
 * of clients that bring a good cookie, and where a block has no accelerator, makes the cookies, too.
 *
 *	syn4, syn6	server -> s4_SET   a client's SYN, before conntrack      SET -> a4_BLOCK: not to be tracked, SYNPROXY answers it
 *	to4, to6	server -> t4_SET   what belongs to no connection         SET -> p4_BLOCK: SYNPROXY looks at its cookie, or it is dropped
 *
 * SETs are those of the image of services, so that a server is looked up once, however many blocks and ports there are. The chains of a
 * block that is idle are empty. One rule with SYNPROXY is always there: without any, the kernel forgets how to translate the
 * connections that have come through it.
 *
 * The forward rules come before those of others (priority -5), as these may drop what conntrack calls invalid, which a cookie's ACK is.
 */
#ifndef TM_PROTECT_NFT_H
#define TM_PROTECT_NFT_H

#include "bpf/protect/map.h"
#include "lib/config/config.h"

#define TM_PROTECT_TABLE "tcpmss_protect" /* of family inet */

/* Different offers in one table; the servers behind them get their block's usual one. */
#define TM_SYNPROXY_OFFERS 256

/* What SYNPROXY tells clients in a SYN-ACK. */
struct tm_synproxy {
	uint16_t mss; /* bytes, not 0 */
	uint8_t wscale; /* TM_WSCALE_NONE: no window scaling */
	bool sack, timestamps;
};

struct tm_nft_block {
	const struct tm_config_protect *config;
	uint32_t number; /* in the image */
	enum tm_protect_arm arm;
	bool accelerated; /* BPF answers SYNs: nothing here is for them */
	struct tm_synproxy usual
		[PK_FAMILY_COUNT]; /* by enum pk_family, of servers of which nothing is known; not where accelerated */
};

/* A server of which something is known. */
struct tm_nft_server {
	struct tm_protect_server_key key;
	struct tm_synproxy offer;
};

struct tm_nft_input {
	const struct tm_image *services; /* of tm_services_build(), with these blocks and numbers */
	const struct tm_nft_block *blocks;
	size_t block_count;
	const struct tm_nft_server *servers; /* each once; only those of blocks that are not accelerated are of use */
	size_t server_count;
};

/* The whole table, which takes the place of one that is there, in one transaction. For free(); NULL without memory. */
char *tm_protect_nft_table(const struct tm_nft_input *in);

/*
 * What changes there when blocks are armed or disarmed, and nothing else of *in does: short, however many servers there are. Likewise.
 */
char *tm_protect_nft_arm(const struct tm_nft_input *in);

/* Takes the table away, also where there is none. */
#define TM_PROTECT_NFT_REMOVE "table inet " TM_PROTECT_TABLE "\ndelete table inet " TM_PROTECT_TABLE "\n"

#endif
