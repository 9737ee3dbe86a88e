/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Which flows are sampled to see whether SYNs lead to connections: a hash of both ends, the same for both sides of a gateway.
 */
#ifndef PK_SAMPLE_H
#define PK_SAMPLE_H

#include "target.h"

/*
 * Folds addresses (IPv4 as struct pk_key has it) and ports. Multiplied twice, so that the low bits depend on all bits; the seed keeps
 * others from choosing them.
 */
PK_INLINE __u32 pk_sample_hash(__u64 seed, __u64 src_high, __u64 src_low, __u64 dst_high, __u64 dst_low, __u32 ports)
{
	__u64 h = (src_high ^ seed) * 0x9e3779b97f4a7c15ull;

	h = (h ^ h >> 32 ^ src_low ^ ports) * 0xd6e8feb86659fd93ull;
	h = (h ^ h >> 32 ^ dst_high) * 0x9e3779b97f4a7c15ull;
	h = (h ^ h >> 32 ^ dst_low) * 0xd6e8feb86659fd93ull;
	return h >> 32;
}

#endif
