/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A large set of prefixes, spread as a full routing table is.
 */
#ifndef BENCH_PREFIXES_H
#define BENCH_PREFIXES_H

#include "lib/rules.h"

#define BENCH_PREFIXES 100000 /* of each family */

/* Adds BENCH_PREFIXES different prefixes of each family, with MTUs from 1281 to 1499. 0 or -ENOMEM. */
int bench_prefixes(struct tm_ruleset *set);

/* An address inside a prefix of the family that was added, drawn at random. */
void bench_prefix_address(const struct tm_ruleset *set, int family, uint8_t address[16]);

#endif
