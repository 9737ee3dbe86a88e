/* SPDX-License-Identifier: BSD-2-Clause */
#include "prefix.h"

#include <string.h>

/* As lib/rules.c sorts them. */
static int compare(const struct pk_prefix *p, const uint8_t *addr, unsigned len)
{
	int order = memcmp(p->addr, addr, sizeof(p->addr));

	return order ? order : (int)p->len - (int)len;
}

static const struct pk_prefix *find(const struct pk_prefix *p, uint32_t count, const uint8_t *addr, unsigned len)
{
	uint32_t from = 0;

	while (count) {
		uint32_t half = count / 2;
		int order = compare(&p[from + half], addr, len);

		if (!order)
			return &p[from + half];
		if (order < 0) {
			from += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return NULL;
}

bool tm_prefix_find(const struct tm_image *image, bool ipv6, const uint8_t *address, struct tm_prefix *found)
{
	const struct pk_rules_head *head = tm_image_head(image);
	const struct pk_prefix *list =
		(const struct pk_prefix *)(image->words + head->list) + (ipv6 ? head->prefixes4 : 0);
	uint32_t count = ipv6 ? head->prefixes6 : head->prefixes4;
	const struct pk_prefix *p = NULL;
	uint8_t key[16] = { 0 };

	memcpy(key, address, ipv6 ? 16 : 4);
	for (unsigned len = ipv6 ? 128 : 32; count; len--) { /* from the longest on, with the bits behind it cleared */
		p = find(list, count, key, len);
		if (p || !len)
			break;
		key[(len - 1) / 8] &= ~(0x80 >> (len - 1) % 8);
	}
	if (!p)
		return false;
	*found = (struct tm_prefix){ .len = p->len, .ipv6 = ipv6, .mtu = p->mtu };
	memcpy(found->addr, p->addr, sizeof(found->addr));
	return true;
}
