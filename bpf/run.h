/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What every hook does with a frame: the core's clamp, then the counters.
 */
#ifndef TM_BPF_RUN_H
#define TM_BPF_RUN_H

#include "bpf/maps.h"
#include "core/clamp.h"
#include "bpf/lookup.h"
#include "bpf/tell.h"

/* One of the two images. */
PK_INLINE void tm_rules_at(struct tm_rules_map *map, __u32 slot, struct pk_rules *rules)
{
	rules->words = tm_config.image_words;
	rules->slot = slot & 1;
	rules->image = map->images + (slot & 1 ? tm_config.image_words : 0);
}

/* The rules in force, and which reasons are watched. The two directions of a wire have limits of their own. */
PK_INLINE bool tm_rules_now(struct pk_rules *rules, __u32 direction, const struct pk_hook **hook, __u32 *watched)
{
	struct tm_rules_map *map;
	__u32 zero = 0;

	map = bpf_map_lookup_elem(&tm_rules, &zero);
	if (!map)
		return false;
	tm_rules_at(map, map->active, rules);
	*watched = map->watch.reasons;
	*hook = &((const struct pk_rules_head *)rules->image)->hooks[tm_config.hook[direction & 1] % PK_HOOKS];
	return true;
}

__attribute__((noinline)) int tm_find_ends(const struct pk_ends *e)
{
	struct tm_rules_map *map;
	struct pk_rules rules;
	__u32 zero = 0;

	map = bpf_map_lookup_elem(&tm_rules, &zero);
	if (!map || !e)
		return 0;
	tm_rules_at(map, e->slot, &rules);
	return pk_trie_find_ends(&rules, e);
}

PK_INLINE __u32 pk_find_ends(const struct pk_rules *r, const struct pk_ends *e)
{
	return tm_find_ends(e);
}

/* The smaller of the MSS that the kernel knows, 0 for none; from bit 16 on its source. */
__attribute__((noinline)) int tm_ask_limit(tm_context *ctx, __u32 direction, __u32 octets, const struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, direction);
	struct pk_limit limit = {};
	const struct pk_hook *hook;
	struct pk_rules rules;
	__u32 watched;

	if (pk && tm_rules_now(&rules, direction, &hook, &watched))
		pk_limit_asked(&v, pk, &rules, hook, &limit);
	return limit.mss | limit.source << 16;
}

PK_INLINE void pk_ask_limit(const struct pk_view *v, const struct pk_packet *pk, const struct pk_rules *r,
			    const struct pk_hook *hook, struct pk_limit *l)
{
	struct pk_packet copy = *pk; /* what a function points at is no longer kept in registers */
	__u32 asked = tm_ask_limit(v->ctx, v->direction, v->len, &copy);

	pk_limit_mss(l, asked & 0xffff, asked >> 16);
}

/* Also returns which reasons are watched. */
PK_INLINE __u32 tm_find_limit(const struct pk_view *v, const struct pk_packet *pk, struct pk_limit *l)
{
	const struct pk_hook *hook;
	struct pk_rules rules;
	__u32 watched = 0;

	if (tm_rules_now(&rules, v->direction, &hook, &watched))
		pk_find_limit(v, pk, &rules, hook, l);
	return watched;
}

/* Counters are per CPU and programs of one hook do not interrupt each other: plain additions lose nothing. */
PK_INLINE void tm_count(__u32 direction, __u32 octets, __u32 family, __u32 reason, const struct pk_result *syn)
{
	struct tm_bpf_counters *c;

	if (TM_LEARNS && tm_config.learn_only)
		return;
	c = bpf_map_lookup_elem(&tm_counters, &direction);
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

#include "bpf/learn.h"

/* The limit of a SYN that was parsed closely. */
__attribute__((noinline)) int tm_limit_of(tm_context *ctx, __u32 direction, __u32 octets, const struct pk_packet *pk,
					  struct pk_limit *limit)
{
	struct pk_view v = tm_view(ctx, octets, direction);
	struct pk_limit found = {};
	__u32 watched;

	if (!pk || !limit)
		return 0;
	watched = tm_find_limit(&v, pk, &found);
	*limit = found;
	limit->more |= tm_tell_bit(watched);
	return 0;
}

/* What tm_tell() has to know, or 0: nobody wants to. */
__attribute__((noinline)) int tm_clamp_syn(tm_context *ctx, __u32 direction, __u32 octets, struct pk_packet *pk,
					   const struct pk_limit *limit)
{
	struct pk_view v = tm_view(ctx, octets, direction);
	struct pk_result result = {};
	__u16 was = 0;

	if (!pk || !limit)
		return 0;
	pk_clamp_syn(&v, pk, limit, &result, &was);
	tm_count(direction, octets, pk->family, result.reason, &result);
	return unlikely(limit->more & PK_LIMIT_TELL) ? tm_told(&result, was) : 0;
}

/*
 * The same for what pk_glance() knows and pk_clamp_usual() can do; TM_DONE then, or what tm_tell() has to know. Else 0, and *limit is
 * set, for tm_clamp_syn().
 */
PK_INLINE int tm_try_usual(struct pk_view *v, __u8 family, struct pk_limit *limit)
{
	const struct pk_packet pk = pk_plain(family, tm_config.link);
	struct pk_result result = { .syn = true };
	struct pk_limit found = {};
	__u32 watched = tm_find_limit(v, &pk, &found);
	__u16 was;

	result.reason = pk_clamp_usual(v, family, pk.l3, &found, &was);
	if (result.reason == PK_GO_ON) {
		*limit = found;
		limit->more |= tm_tell_bit(watched);
		return 0;
	}
	result.changed = result.reason == PK_CLAMPED;
	tm_count(v->direction, v->len, family, result.reason, &result);
	if (likely(!(watched & 1u << (result.reason & 31))))
		return TM_DONE;
	*limit = found;
	return tm_told(&result, was);
}

__attribute__((noinline)) int tm_clamp_plain(tm_context *ctx, __u32 direction, __u32 octets, __u32 family,
					     struct pk_limit *limit)
{
	struct pk_view v = tm_view(ctx, octets, direction);

	if (!limit)
		return TM_DONE;
	return family == PK_IPV4 ? tm_try_usual(&v, PK_IPV4, limit) : tm_try_usual(&v, PK_IPV6, limit);
}

PK_INLINE void tm_run(tm_context *ctx, __u32 direction)
{
	__u32 octets = tm_octets(ctx);
	struct pk_view v = tm_view(ctx, octets, direction);
	struct pk_glance g = pk_glance(&v, tm_config.link);
	struct pk_limit limit;
	struct pk_packet pk;
	enum pk_reason reason;
	int told = 0;

	if (likely(g.family)) {
		reason = pk_judge_flags(g.flags);
		if (likely(reason != PK_GO_ON)) {
			if (unlikely(tm_is_watching()))
				tm_look_closer(ctx, direction, octets);
			tm_count(direction, octets, g.family, reason, NULL);
			return;
		}
		if (TM_LEARNS && tm_config.learn_only)
			return;
		limit = (struct pk_limit){};
		told = tm_clamp_plain(ctx, direction, octets, g.family, &limit);
		if (likely(told == TM_DONE))
			return;
		pk = pk_plain(g.family, tm_config.link);
	} else {
		pk = (struct pk_packet){};
		reason = tm_parse_closely(ctx, octets, &pk);
		if (reason != PK_GO_ON) {
			if (reason == PK_NOT_TCP)
				tm_take_ptb(ctx, direction, octets, &pk);
			if (unlikely(tm_is_watching()))
				tm_look_closer(ctx, direction, octets);
			tm_count(direction, octets, pk.family, reason, NULL);
			return;
		}
		if (TM_LEARNS && tm_config.learn_only)
			return;
		limit = (struct pk_limit){};
		tm_limit_of(ctx, direction, octets, &pk, &limit);
	}
	if (!told)
		told = tm_clamp_syn(ctx, direction, octets, &pk, &limit);
	if (unlikely(told))
		tm_tell(ctx, direction, &pk, &limit, told);
}

#endif
