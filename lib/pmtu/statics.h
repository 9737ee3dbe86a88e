/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths with a given MTU as rules: of a device or of any, from the configuration or set by hand, and which of them holds. Pure.
 */
#ifndef TM_STATICS_H
#define TM_STATICS_H

#include "paths-file.h"

/* The order that the others need; of two for the same address and device the one set by hand comes first. */
void tm_statics_sort(struct tm_static *list, size_t count);

/*
 * The one that holds for an address through a device: that device's before those of any, set by hand before configured. NULL: none.
 */
const struct tm_static *tm_static_find(const struct tm_static *list, size_t count, bool ipv6, const uint8_t *address,
				       const char *device);

/* The first of an address, where it would be. Those of the same address follow it. */
size_t tm_static_first(const struct tm_static *list, size_t count, bool ipv6, const uint8_t *address);

/* Whether they are for the same address. */
bool tm_static_same(const struct tm_static *s, bool ipv6, const uint8_t *address);

#endif
