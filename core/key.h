/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * An address of a frame as a key of tries and tables.
 */
#ifndef PK_KEY_H
#define PK_KEY_H

#include "packet.h"
#include "trie.h"
#include "view.h"

PK_INLINE bool pk_load_key(const struct pk_view *v, __u32 off, __u8 family, struct pk_key *key)
{
	__u8 copy[16];
	const __u8 *a;

	if (family == PK_IPV4) {
		a = pk_bytes(v, off, copy, 4);
		if (a)
			*key = (struct pk_key){ .high = (__u64)pk_get32(a) << 32 };
	} else {
		a = pk_bytes(v, off, copy, 16);
		if (a)
			*key = (struct pk_key){ .high = pk_get64(a), .low = pk_get64(a + 8) };
	}
	return a;
}

#endif
