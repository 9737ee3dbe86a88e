/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The routing tables of this network namespace.
 */
#ifndef IO_ROUTES_H
#define IO_ROUTES_H

#include "lib/error.h"
#include "lib/rules.h"

/*
 * Appends the unicast routes of the main tables, both families, as prefixes with the MTU that they were given, 0 where they were
 * given none or a locked one. 0 or −errno with *e filled.
 */
int io_routes_read(struct tm_ruleset *routes, struct tm_error *e);

#endif
