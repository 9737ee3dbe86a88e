/* SPDX-License-Identifier: BSD-2-Clause */
#include "service-ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An address, IPv4 in the highest 32 bits. */
typedef unsigned __int128 address;

static address load(const uint8_t bytes[16])
{
	address a = 0;

	for (int i = 0; i < 16; i++)
		a = a << 8 | bytes[i];
	return a;
}

static void store(uint8_t bytes[16], address a)
{
	for (int i = 15; i >= 0; i--, a >>= 8)
		bytes[i] = (uint8_t)a;
}

static int order(const void *left, const void *right)
{
	const address *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* Where another set may begin: at each prefix, and behind it. */
static size_t edges_of(address *edges, const struct tm_prefix *prefixes, size_t count, bool ipv6)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		const struct tm_prefix *p = &prefixes[i];
		address first = load(p->addr), behind;

		if (p->ipv6 != ipv6)
			continue;
		behind = p->len ? first + ((address)1 << (128 - p->len)) : 0;
		edges[found++] = first;
		if (behind) /* 0: it ends with the last address there is */
			edges[found++] = behind;
	}
	qsort(edges, found, sizeof(*edges), order);
	return found;
}

static uint32_t set_at(const struct tm_image *services, bool ipv6, address a)
{
	const struct pk_services_head *head = (const void *)services->words;
	struct pk_rules rules = { .image = services->words, .words = services->count };
	struct pk_key key = { .high = (uint64_t)(a >> 64), .low = (uint64_t)a };
	uint32_t root = ipv6 ? head->root6 : head->root4;

	return root ? pk_trie_find(&rules, root, key) : 0;
}

int tm_service_ranges(struct tm_service_range **ranges, size_t *count, const struct tm_image *services, bool ipv6,
		      const struct tm_prefix *prefixes, size_t prefix_count)
{
	address *edges = calloc(2 * prefix_count + 1, sizeof(*edges));
	struct tm_service_range *list = calloc(2 * prefix_count + 1, sizeof(*list));
	size_t edge_count = edges && list ? edges_of(edges, prefixes, prefix_count, ipv6) : 0, n = 0;

	for (size_t i = 0; i < edge_count; i++) {
		address last = i + 1 < edge_count ? edges[i + 1] - 1 : ~(address)0;
		uint32_t set = set_at(services, ipv6, edges[i]);

		if (i + 1 < edge_count && edges[i + 1] == edges[i])
			continue;
		if (set && n && list[n - 1].set == set && load(list[n - 1].last) + 1 == edges[i]) {
			store(list[n - 1].last, last);
		} else if (set) {
			store(list[n].first, edges[i]);
			store(list[n].last, last);
			list[n++].set = set;
		}
	}
	free(edges);
	*ranges = list;
	*count = n;
	if (edges && list)
		return 0;
	free(list);
	*ranges = NULL;
	return -ENOMEM;
}
