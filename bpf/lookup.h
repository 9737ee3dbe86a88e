/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Looking learned paths up, behind the SYN test.
 */
#ifndef TM_BPF_LOOKUP_H
#define TM_BPF_LOOKUP_H

#include "bpf/maps.h"
#include "core/limit.h"

PK_INLINE bool pk_learns(const struct pk_view *v)
{
	return TM_LEARNS && !tm_config.learn_only;
}

PK_INLINE __u64 pk_monotonic(const struct pk_view *v)
{
	return bpf_ktime_get_coarse_ns();
}

#if TM_LEARNS
PK_INLINE bool tm_learned_now(struct pk_learned_table *t)
{
	__u32 zero = 0;

	t->head = bpf_map_lookup_elem(&tm_learned, &zero);
	t->lines = tm_config.learned_lines;
	return t->head;
}

/* pk_learned_at(). */
__attribute__((noinline)) int tm_find_learned(tm_context *ctx, __u32 off, __u32 family)
{
	struct pk_view v = tm_view(ctx, 0, TM_IN);
	struct pk_learned_table t;

	if (!tm_learned_now(&t))
		return 0;
	return pk_learned_at(&v, &t, off, family, tm_config.tag);
}

PK_INLINE __u32 pk_find_learned(const struct pk_view *v, __u32 off, __u8 family)
{
	return tm_find_learned(v->ctx, off, family);
}
#else
PK_INLINE __u32 pk_find_learned(const struct pk_view *v, __u32 off, __u8 family)
{
	return 0;
}
#endif

#endif
