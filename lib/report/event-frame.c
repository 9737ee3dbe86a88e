/* SPDX-License-Identifier: BSD-2-Clause */
#include "event-frame.h"

#include <string.h>

#include "lib/prefix.h"

static void name_prefix(struct tm_event_syn *s, const struct tm_image *image)
{
	bool ipv6 = s->family == PK_IPV6;

	if (s->source == PK_FROM_PREFIX_SRC)
		tm_prefix_find(image, ipv6, s->src, &s->prefix);
	else if (s->source == PK_FROM_PREFIX_DST)
		tm_prefix_find(image, ipv6, s->dst, &s->prefix);
}

/* The MSS of the first option that the clamp changed, else of the first one; 0 for none. */
static uint16_t told(const struct pk_view *v, struct pk_packet *pk, const struct pk_limit *limit)
{
	struct pk_verdict verdict = { 0 };
	struct pk_options options;
	struct pk_tcp tcp = { 0 };

	if (pk_parse_tcp(v, pk, &tcp) != PK_GO_ON)
		return 0;
	pk_parse_options(&tcp, &options);
	pk_decide(v, pk, &tcp, &options, limit, &verdict);
	return pk_mss_told(&tcp, &options, &verdict);
}

bool tm_event_frame(struct tm_event_syn *s, const struct tm_rules *rules, const struct tm_image *image, enum pk_link link,
		    const uint8_t *before, uint32_t len, const struct pk_result *result, enum tm_direction direction)
{
	struct pk_view v = { .frame = (uint8_t *)before, .len = len, .room = len, .device_mtu = rules->device_mtu,
			     .learned = rules->learned, .tag = rules->tag, .now = rules->now };
	const struct pk_hook *hook = &((const struct pk_rules_head *)rules->image.image)->hooks[rules->hook];
	struct pk_limit limit = { 0 };
	struct pk_packet pk = { 0 };
	uint8_t ports[4] = { 0 };
	uint32_t n;

	if (!result->syn || pk_parse_frame(&v, link, &pk) != PK_GO_ON)
		return false;
	n = pk.family == PK_IPV4 ? 4 : 16;
	pk_find_limit(&v, &pk, &rules->image, hook, &limit);
	*s = (struct tm_event_syn){ .family = result->family,
				    .direction = direction,
				    .reason = result->reason,
				    .source = limit.source,
				    .also = result->also,
				    .limit = limit.mss };
	pk_load(&v, pk.l3 + (n == 4 ? 12 : 8), s->src, n);
	pk_load(&v, pk.l3 + (n == 4 ? 16 : 24), s->dst, n);
	pk_load(&v, pk.l4, ports, sizeof(ports));
	s->sport = pk_get16(ports);
	s->dport = pk_get16(ports + 2);
	s->from = told(&v, &pk, &limit);
	s->to = result->changed ? limit.mss : s->from;
	name_prefix(s, image);
	return true;
}
