/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The prefixes of an image as they were given, for people: the packet path has its trie.
 */
#ifndef TM_PREFIX_H
#define TM_PREFIX_H

#include "lib/rules.h"

/* The longest prefix that holds an address (network order, 4 or 16 bytes). False, and *found as it was, where there is none. */
bool tm_prefix_find(const struct tm_image *image, bool ipv6, const uint8_t *address, struct tm_prefix *found);

#endif
