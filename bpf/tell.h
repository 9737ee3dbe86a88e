/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Telling the watcher of a SYN. Behind the SYN test, and behind a look at the watch word.
 */
#ifndef TM_BPF_TELL_H
#define TM_BPF_TELL_H

#include "bpf/maps.h"
#include "core/clamp.h"

/* What became of a SYN, in one register: the stack of these programs is nearly full. The first 16 bits are the MSS it came with. */
#define TM_TOLD_REASON(told)  ((told) >> 16 & 31)
#define TM_TOLD_CHANGED	      (1 << 21)
#define TM_TOLD_PARTIAL	      (1 << 22)
#define TM_TOLD_MALFORMED     (1 << 23)
#define TM_DONE		      (1 << 24) /* nothing to tell */

PK_INLINE int tm_told(const struct pk_result *result, __u16 was)
{
	int told = was | (result->reason & 31) << 16;

	if (result->changed)
		told |= TM_TOLD_CHANGED;
	if (result->also & 1u << PK_CHECKSUM_PARTIAL)
		told |= TM_TOLD_PARTIAL;
	if (result->also & 1u << PK_MALFORMED_OPTIONS)
		told |= TM_TOLD_MALFORMED;
	return told;
}

PK_INLINE __u8 tm_tell_bit(__u32 watched)
{
	return watched ? PK_LIMIT_TELL : 0;
}

/*
 * Whether an event of these reasons is watched, and this CPU may tell one more; what it may not is counted. The watch ends where its
 * time is over.
 */
PK_INLINE struct tm_bpf_telling *tm_may_tell(__u32 reasons)
{
	struct tm_bpf_telling *telling;
	struct tm_rules_map *map;
	__u64 now = bpf_ktime_get_coarse_ns();
	__u32 zero = 0;

	map = bpf_map_lookup_elem(&tm_rules, &zero);
	telling = bpf_map_lookup_elem(&tm_telling, &zero);
	if (!map || !telling || !(map->watch.reasons & reasons))
		return NULL;
	if (now > map->watch.until) {
		map->watch.reasons = 0;
		return NULL;
	}
	if (now - telling->window >= TM_EVENTS_WINDOW_NS) {
		telling->window = now;
		telling->told = 0;
	}
	if (telling->told >= TM_EVENTS_WINDOW) {
		telling->left_out++;
		return NULL;
	}
	telling->told++;
	return telling;
}

/* Tells of a SYN, where its reason is watched. */
__attribute__((noinline)) int tm_tell(tm_context *ctx, __u32 direction, const struct pk_packet *pk, const struct pk_limit *limit,
				      __u32 told)
{
	__u32 also = (told & TM_TOLD_PARTIAL ? 1u << PK_CHECKSUM_PARTIAL : 0) |
		     (told & TM_TOLD_MALFORMED ? 1u << PK_MALFORMED_OPTIONS : 0);
	struct tm_bpf_telling *telling;
	struct pk_view v = { .ctx = ctx };
	struct tm_bpf_event *e;
	__u8 ports[4] = {};

	if (!pk || !limit)
		return 0;
	telling = tm_may_tell(1u << TM_TOLD_REASON(told) | also);
	if (!telling)
		return 0;
	e = bpf_ringbuf_reserve(&tm_events, sizeof(*e), 0);
	if (!e) {
		telling->left_out++;
		return 0;
	}
	e->time = bpf_ktime_get_ns();
	e->ifindex = tm_ifindex(ctx);
	__builtin_memset(e->src, 0, sizeof(e->src));
	__builtin_memset(e->dst, 0, sizeof(e->dst));
	if (pk->family == PK_IPV4) {
		pk_load(&v, pk->l3 + 12, e->src, 4);
		pk_load(&v, pk->l3 + 16, e->dst, 4);
	} else {
		pk_load(&v, pk->l3 + 8, e->src, 16);
		pk_load(&v, pk->l3 + 24, e->dst, 16);
	}
	pk_load(&v, pk->l4, ports, 4);
	e->sport = pk_get16(ports);
	e->dport = pk_get16(ports + 2);
	e->outcome = (struct tm_outcome){
		.also = also,
		.from = told,
		.to = told & TM_TOLD_CHANGED ? limit->mss : told,
		.limit = limit->mss,
		.source = limit->source,
		.reason = TM_TOLD_REASON(told),
		.family = pk->family,
		.direction = direction,
	};
	bpf_ringbuf_submit(e, 0);
	return 0;
}

#endif
