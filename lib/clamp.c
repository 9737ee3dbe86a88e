/* SPDX-License-Identifier: BSD-2-Clause */
#include "clamp.h"

/*
 * In three functions that are not made one: what is no SYN would pay for the registers and the stack of the second, a usual
 * SYN for those of the third.
 */
static __attribute__((noinline)) struct pk_result clamp_syn(struct pk_view *v, struct pk_packet *pk,
							    const struct pk_limit *limit)
{
	struct pk_result result = { .family = pk->family };
	__u16 was;

	pk_clamp_syn(v, pk, limit, &result, &was);
	return result;
}

/* What pk_glance() knows; `family` is a constant. */
PK_INLINE struct pk_result clamp_family(struct pk_view *v, __u8 family, enum pk_link link, const struct tm_rules *rules)
{
	const struct pk_rules_head *head = (const struct pk_rules_head *)rules->image.image;
	struct pk_packet pk = pk_plain(family, link);
	struct pk_limit limit = { 0 };
	enum pk_reason reason;
	__u16 was;

	pk_find_limit(v, &pk, &rules->image, &head->hooks[rules->hook], &limit);
	reason = pk_clamp_usual(v, family, pk.l3, &limit, &was);
	if (unlikely(reason == PK_GO_ON)) {
		struct pk_packet copy = pk;
		struct pk_limit found = limit;

		return clamp_syn(v, &copy, &found);
	}
	return (struct pk_result){ .reason = reason, .family = family, .syn = true, .changed = reason == PK_CLAMPED };
}

static __attribute__((noinline)) struct pk_result clamp_plain(struct pk_view *v, __u8 family, enum pk_link link,
							      const struct tm_rules *rules)
{
	return family == PK_IPV4 ? clamp_family(v, PK_IPV4, link, rules) : clamp_family(v, PK_IPV6, link, rules);
}

static __attribute__((noinline)) struct pk_result clamp_closely(struct pk_view *v, enum pk_link link,
								const struct tm_rules *rules)
{
	const struct pk_rules_head *head = (const struct pk_rules_head *)rules->image.image;
	struct pk_limit limit = { 0 };
	struct pk_packet pk = { 0 };
	enum pk_reason reason = pk_parse_closely(v, link, &pk);

	if (reason != PK_GO_ON)
		return (struct pk_result){ .reason = reason, .family = pk.family };
	pk_find_limit(v, &pk, &rules->image, &head->hooks[rules->hook], &limit);
	return clamp_syn(v, &pk, &limit);
}

/* Built here, the compiler would write it to the stack in pieces and the processor wait for them to be read back whole. */
static const struct pk_result not_syn[PK_FAMILY_COUNT] = {
	[PK_IPV4] = { .reason = PK_NOT_SYN, .family = PK_IPV4 },
	[PK_IPV6] = { .reason = PK_NOT_SYN, .family = PK_IPV6 },
};

struct pk_result tm_clamp_frame(const struct tm_rules *rules, enum pk_link link, uint8_t *buf, uint32_t *len,
				uint32_t room)
{
	struct pk_view v = { .frame = buf, .len = *len, .room = room };
	struct pk_glance g = pk_glance(&v, link);
	struct pk_result result;

	if (likely(g.family && pk_judge_flags(g.flags) != PK_GO_ON))
		return not_syn[g.family];
	v.device_mtu = rules->device_mtu;
	v.learned = rules->learned;
	v.tag = rules->tag;
	v.now = rules->now;
	result = g.family ? clamp_plain(&v, g.family, link, rules) : clamp_closely(&v, link, rules);
	*len = v.len;
	return result;
}
