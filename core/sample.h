/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Which flows are sampled to see whether SYNs lead to connections: a hash of both ends, the same for both sides of a gateway.
 */
#ifndef PK_SAMPLE_H
#define PK_SAMPLE_H

#include "trie.h"

/*
 * Addresses as struct pk_key has them; ports: the client's << 16 | the server's. Multiplied often enough for the low bits to depend on
 * all others; the seed keeps people from choosing them.
 */
PK_INLINE __u32 pk_sample_hash(__u64 seed, struct pk_key client, struct pk_key server, __u32 ports)
{
	__u64 h = (client.high ^ seed) * 0x9e3779b97f4a7c15ull;

	h = (h ^ h >> 32 ^ client.low ^ ports) * 0xd6e8feb86659fd93ull;
	h = (h ^ h >> 32 ^ server.high) * 0x9e3779b97f4a7c15ull;
	h = (h ^ h >> 32 ^ server.low) * 0xd6e8feb86659fd93ull;
	return h >> 32 ^ h >> 60; /* only the uppermost bits depend on all of server.low */
}

#endif
