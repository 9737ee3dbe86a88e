/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the table of learned paths (learned.h) knows of an address of a frame.
 */
#ifndef PK_LEARNED_PATH_H
#define PK_LEARNED_PATH_H

#include "key.h"
#include "learned.h"

/* What the table of learned paths knows of the address at off: its MTU, 0 for none; with PK_LEARNED_BOTH, where the table wants both ends. */
PK_INLINE __u32 pk_learned_at(const struct pk_view *v, const struct pk_learned_table *t, __u32 off, __u8 family, __u32 tag)
{
	__u64 where = pk_learned_where(family, tag), value;
	__u32 both = PK_LEARNED_HEAD(t->head->symmetric) ? PK_LEARNED_BOTH : 0;
	struct pk_key key;

	if (!PK_LEARNED_HEAD(t->head->count) || !pk_load_key(v, off, family, &key))
		return both;
	value = pk_learned_find(t, &key, where);
	if (!value || !pk_learned_holds(t->head, value, pk_monotonic(v)))
		return both;
	return PK_LEARNED_MTU(value) | both;
}

#endif
