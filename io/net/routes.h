/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The routing tables of this network namespace.
 */
#ifndef IO_ROUTES_H
#define IO_ROUTES_H

#include "lib/error.h"
#include "lib/rules.h"

#define IO_ROUTE_HOPS 64

/* A unicast route. */
struct io_table_route {
	struct tm_prefix prefix; /* mtu: what the route was given, 0 for nothing */
	bool locked; /* that MTU is not to be found out anew */
	uint32_t table;
	uint32_t hops[IO_ROUTE_HOPS]; /* indices of the devices that it leaves through */
	unsigned hop_count; /* more than fit are left out */
};

/*
 * Hands every unicast route of both families to `each`, of whatever table, until it returns −errno. 0 or −errno with *e filled.
 */
int io_routes_each(int (*each)(const struct io_table_route *route, void *ctx), void *ctx, struct tm_error *e);

/*
 * Appends the unicast routes of the main tables, both families, as prefixes with the MTU that they were given, 0 where they were
 * given none or a locked one. 0 or −errno with *e filled.
 */
int io_routes_read(struct tm_ruleset *routes, struct tm_error *e);

#endif
