/* SPDX-License-Identifier: BSD-2-Clause */
#include "clamp.h"

struct pk_result tm_clamp_frame(const struct tm_rules *rules, enum pk_link link, uint8_t *buf, uint32_t *len, uint32_t room)
{
	const struct pk_rules_head *head = (const struct pk_rules_head *)rules->image.image;
	struct pk_view v = { .frame = buf, .len = *len, .room = room };
	struct pk_result result = { 0 };
	struct pk_packet pk = { 0 };

	result.reason = pk_parse_frame(&v, link, &pk);
	result.family = pk.family;
	if (result.reason == PK_GO_ON)
		pk_clamp_syn(&v, &pk, &rules->image, &head->hooks[rules->hook], &result);
	*len = v.len;
	return result;
}
