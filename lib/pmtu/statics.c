/* SPDX-License-Identifier: BSD-2-Clause */
#include "statics.h"

#include <stdlib.h>
#include <string.h>

static int compare_address(const struct tm_static *a, bool ipv6, const uint8_t *address)
{
	int order = a->ipv6 - ipv6;

	return order ? order : memcmp(a->addr, address, ipv6 ? 16 : 4);
}

static int compare(const void *va, const void *vb)
{
	const struct tm_static *a = va, *b = vb;
	int order = compare_address(a, b->ipv6, b->addr);

	if (!order)
		order = strcmp(a->device, b->device);
	return order ? order : a->configured - b->configured;
}

void tm_statics_sort(struct tm_static *list, size_t count)
{
	if (count)
		qsort(list, count, sizeof(*list), compare);
}

bool tm_static_same(const struct tm_static *s, bool ipv6, const uint8_t *address)
{
	return !compare_address(s, ipv6, address);
}

size_t tm_static_first(const struct tm_static *list, size_t count, bool ipv6, const uint8_t *address)
{
	size_t from = 0;

	while (count) {
		size_t half = count / 2;

		if (compare_address(&list[from + half], ipv6, address) < 0) {
			from += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return from;
}

const struct tm_static *tm_static_find(const struct tm_static *list, size_t count, bool ipv6, const uint8_t *address,
				       const char *device)
{
	const struct tm_static *any = NULL;

	for (size_t i = tm_static_first(list, count, ipv6, address);
	     i < count && tm_static_same(&list[i], ipv6, address); i++) {
		if (!*list[i].device) {
			if (!any)
				any = &list[i];
		} else if (!strcmp(list[i].device, device)) {
			return &list[i];
		}
	}
	return any;
}
