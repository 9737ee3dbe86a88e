/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Telling the watcher of a SYN. Behind the SYN test, and behind a look at the watch word.
 */
#ifndef TM_BPF_TELL_H
#define TM_BPF_TELL_H

#include "bpf/maps.h"
#include "core/clamp.h"

PK_INLINE __u32 tm_reasons_of(const struct pk_result *result)
{
	return 1u << (result->reason & 31) | result->also;
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

PK_INLINE struct tm_outcome tm_outcome(__u8 family, __u32 direction, const struct pk_limit *limit,
				       const struct pk_result *result, __u16 was)
{
	return (struct tm_outcome){
		.also = result->also,
		.from = was,
		.to = result->changed ? limit->mss : was,
		.limit = limit->mss,
		.source = limit->source,
		.reason = result->reason,
		.family = family,
		.direction = direction,
	};
}

/* Tells of a SYN whose IP header is at l3 and whose TCP header is at l4, where somebody watches. */
__attribute__((noinline)) int tm_tell(tm_context *ctx, __u32 l3, __u32 l4, const struct tm_outcome *outcome)
{
	struct tm_bpf_telling *telling;
	struct pk_view v = { .ctx = ctx };
	struct tm_bpf_event *e;
	__u8 ports[4] = {};

	if (!outcome)
		return 0;
	telling = tm_may_tell(1u << (outcome->reason & 31) | outcome->also);
	if (!telling)
		return 0;
	e = bpf_ringbuf_reserve(&tm_events, sizeof(*e), 0); /* there is no room for it on the stack */
	if (!e) {
		telling->left_out++;
		return 0;
	}
	e->time = bpf_ktime_get_ns();
	e->ifindex = tm_ifindex(ctx);
	__builtin_memset(e->src, 0, sizeof(e->src));
	__builtin_memset(e->dst, 0, sizeof(e->dst));
	if (outcome->family == PK_IPV4) {
		pk_load(&v, l3 + 12, e->src, 4);
		pk_load(&v, l3 + 16, e->dst, 4);
	} else {
		pk_load(&v, l3 + 8, e->src, 16);
		pk_load(&v, l3 + 24, e->dst, 16);
	}
	pk_load(&v, l4, ports, 4);
	e->sport = pk_get16(ports);
	e->dport = pk_get16(ports + 2);
	e->outcome = *outcome;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

#endif
