/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What every hook does with a frame: the core's clamp, then the counters.
 */
#ifndef TM_BPF_RUN_H
#define TM_BPF_RUN_H

#include "bpf/maps.h"
#include "core/clamp.h"

__attribute__((noinline)) int tm_prefix_mtu(__u64 high, __u64 low, __u32 root, __u32 slot)
{
	struct pk_rules rules = { .words = tm_config.image_words };
	struct tm_rules_map *map;
	__u32 zero = 0;

	map = bpf_map_lookup_elem(&tm_rules, &zero);
	if (!map)
		return 0;
	rules.image = map->images + (slot & 1 ? tm_config.image_words : 0);
	return pk_trie_find(&rules, root, (struct pk_key){ high, low });
}

PK_INLINE __u32 pk_prefix_mtu(const struct pk_rules *r, __u32 root, struct pk_key *key)
{
	return tm_prefix_mtu(key->high, key->low, root, r->slot);
}

PK_INLINE void tm_clamp_syn(struct pk_view *v, struct pk_packet *pk, struct pk_result *result)
{
	struct pk_rules rules = { .words = tm_config.image_words };
	const struct pk_rules_head *head;
	struct tm_rules_map *map;
	__u32 zero = 0;

	map = bpf_map_lookup_elem(&tm_rules, &zero);
	if (!map)
		return;
	rules.slot = map->active & 1;
	rules.image = map->images + (rules.slot ? tm_config.image_words : 0);
	head = (const void *)rules.image;
	pk_clamp_syn(v, pk, &rules, &head->hooks[tm_config.hook % PK_HOOKS], result);
}

/* Counters are per CPU and programs of one hook do not interrupt each other: plain additions lose nothing. */
PK_INLINE void tm_count(__u32 direction, __u32 octets, const struct pk_result *result)
{
	struct tm_bpf_counters *c = bpf_map_lookup_elem(&tm_counters, &direction);
	__u32 family = result->family, reason = result->reason;

	if (!c || family >= PK_FAMILY_COUNT || reason >= PK_REASON_COUNT)
		return;
	c->by_reason[family][reason].packets++;
	c->by_reason[family][reason].octets += octets;
	if (likely(!result->syn))
		return;
	c->syn[family]++;
	c->fixed[family] += result->changed;
	if (result->also & 1u << PK_CHECKSUM_PARTIAL)
		c->also[family][PK_CHECKSUM_PARTIAL]++;
	if (result->also & 1u << PK_MALFORMED_OPTIONS)
		c->also[family][PK_MALFORMED_OPTIONS]++;
}

PK_INLINE void tm_run(struct pk_view *v, __u32 direction, __u32 octets)
{
	struct pk_result result = {};
	struct pk_packet pk = {};

	result.reason = pk_parse_frame(v, tm_config.link, &pk);
	result.family = pk.family;
	if (unlikely(result.reason == PK_GO_ON))
		tm_clamp_syn(v, &pk, &result);
	tm_count(direction, octets, &result);
}

#endif
