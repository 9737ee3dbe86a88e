/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the routes tell of protected servers: which devices lead to them, and whether some routes through the clients' devices have an
 * MTU of their own. Fed with one route after the other, in any order; nothing of them is kept, as there may be a million.
 *
 * To a server lead all routes inside its prefix, of any table, and of those that hold all of it the longest of each table. A default
 * route of another table than the main one is left out: with several uplinks there is one for each of them, and it leads to the world.
 */
#ifndef TM_PROTECT_ROUTES_H
#define TM_PROTECT_ROUTES_H

#include "lib/rules.h"

#define TM_PROTECT_DEVICES 64

struct tm_protect_route {
	struct tm_prefix prefix; /* mtu: the route's own, 0: none */
	uint32_t table;
	uint32_t ifindex; /* of a route with several next hops, each is a route */
};

/* All of it is the functions' own. */
struct tm_protect_routes {
	const struct tm_prefix *servers;
	size_t server_count;
	const uint32_t *clients;
	size_t client_count;
	struct tm_protect_cover *covers;
	size_t cover_count, cover_room;
	uint32_t devices[TM_PROTECT_DEVICES];
	unsigned device_count;
	uint64_t inside; /* bits of devices: behind them are parts of a prefix */
	bool too_many;
	uint64_t own_mtu;
};

struct tm_protect_found {
	uint32_t devices[TM_PROTECT_DEVICES]; /* indices of those that lead to servers, ascending */
	unsigned device_count;
	bool too_many; /* of them: the rest is not told */
	uint64_t own_mtu; /* 1 << i: a route through clients[i] has an MTU of its own */
};

/* Begins. The arrays stay theirs who gave them, and as they are until the end; at most 64 clients are looked at. */
void tm_protect_routes_begin(struct tm_protect_routes *r, const struct tm_prefix *servers, size_t server_count,
			     const uint32_t *clients, size_t client_count);

/* 0 or -ENOMEM. */
int tm_protect_routes_take(struct tm_protect_routes *r, const struct tm_protect_route *route);

/* Frees what was needed on the way; with found != NULL tells what came of it. */
void tm_protect_routes_end(struct tm_protect_routes *r, struct tm_protect_found *found);

#endif
