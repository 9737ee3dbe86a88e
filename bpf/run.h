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

/* Counters are per CPU and programs of one hook do not interrupt each other: plain additions lose nothing. */
PK_INLINE void tm_count(__u32 direction, __u32 octets, __u32 family, __u32 reason, const struct pk_result *syn)
{
	struct tm_bpf_counters *c = bpf_map_lookup_elem(&tm_counters, &direction);

	if (!c || family >= PK_FAMILY_COUNT || reason >= PK_REASON_COUNT)
		return;
	c->by_reason[family][reason].packets++;
	c->by_reason[family][reason].octets += octets;
	if (!syn)
		return;
	c->syn[family]++;
	c->fixed[family] += syn->changed;
	if (syn->also & 1u << PK_CHECKSUM_PARTIAL)
		c->also[family][PK_CHECKSUM_PARTIAL]++;
	if (syn->also & 1u << PK_MALFORMED_OPTIONS)
		c->also[family][PK_MALFORMED_OPTIONS]++;
}

/*
 * The steps are functions of their own, so that the verifier goes through each of them once, and so that what is no SYN
 * pays for none.
 */
__attribute__((noinline)) int tm_parse_closely(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);

	return pk ? pk_parse_closely(&v, tm_config.link, pk) : PK_TRUNCATED;
}

__attribute__((noinline)) int tm_clamp_syn(tm_context *ctx, __u32 direction, __u32 octets, struct pk_packet *pk)
{
	struct pk_rules rules = { .words = tm_config.image_words };
	struct pk_view v = tm_view(ctx, octets, direction);
	struct pk_result result = {};
	const struct pk_rules_head *head;
	struct tm_rules_map *map;
	__u32 zero = 0;

	map = bpf_map_lookup_elem(&tm_rules, &zero);
	if (!map || !pk)
		return 0;
	rules.slot = map->active & 1;
	rules.image = map->images + (rules.slot ? tm_config.image_words : 0);
	head = (const void *)rules.image;
	pk_clamp_syn(&v, pk, &rules, &head->hooks[tm_config.hook % PK_HOOKS], &result);
	tm_count(direction, octets, pk->family, result.reason, &result);
	return 0;
}

PK_INLINE void tm_run(tm_context *ctx, __u32 direction, __u32 octets)
{
	struct pk_view v = tm_view(ctx, octets, direction);
	struct pk_packet pk = {}, found;
	enum pk_reason reason;
	__u8 flags;

	if (likely(pk_glance(&v, tm_config.link, &pk, &flags))) {
		reason = pk_judge_flags(flags);
		if (likely(reason != PK_GO_ON)) {
			tm_count(direction, octets, pk.family, reason, NULL);
			return;
		}
		found = pk; /* what a function points at is no longer kept in registers */
	} else {
		__builtin_memset(&found, 0, sizeof(found));
		reason = tm_parse_closely(ctx, octets, &found);
		if (reason != PK_GO_ON) {
			tm_count(direction, octets, found.family, reason, NULL);
			return;
		}
	}
	tm_clamp_syn(ctx, direction, octets, &found);
}

#endif
