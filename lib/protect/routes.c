/* SPDX-License-Identifier: BSD-2-Clause */
#include "routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOPBACK 1 /* its index in every network namespace */
#define TABLE_MAIN 254

/* The longest route of one table, so far, that holds all of one prefix of servers. */
struct tm_protect_cover {
	size_t server;
	uint32_t table;
	uint8_t len;
	uint64_t devices; /* bits of tm_protect_routes.devices */
};

void tm_protect_routes_begin(struct tm_protect_routes *r, const struct tm_prefix *servers, size_t server_count,
			     const uint32_t *clients, size_t client_count)
{
	memset(r, 0, sizeof(*r));
	r->servers = servers;
	r->server_count = server_count;
	r->clients = clients;
	r->client_count = client_count < 64 ? client_count : 64;
}

/* The bit of a device; 0 where there is no more room. */
static uint64_t bit_of(struct tm_protect_routes *r, uint32_t ifindex)
{
	unsigned i = 0;

	while (i < r->device_count && r->devices[i] != ifindex)
		i++;
	if (i == TM_PROTECT_DEVICES) {
		r->too_many = true;
		return 0;
	}
	if (i == r->device_count)
		r->devices[r->device_count++] = ifindex;
	return 1ull << i;
}

static struct tm_protect_cover *cover_of(struct tm_protect_routes *r, size_t server, uint32_t table)
{
	struct tm_protect_cover *more;

	for (size_t i = 0; i < r->cover_count; i++)
		if (r->covers[i].server == server && r->covers[i].table == table)
			return &r->covers[i];
	if (r->cover_count == r->cover_room) {
		more = realloc(r->covers, (2 * r->cover_room + 16) * sizeof(*more));
		if (!more)
			return NULL;
		r->covers = more;
		r->cover_room = 2 * r->cover_room + 16;
	}
	r->covers[r->cover_count] = (struct tm_protect_cover){ .server = server, .table = table };
	return &r->covers[r->cover_count++];
}

static int take_cover(struct tm_protect_routes *r, size_t server, const struct tm_protect_route *route)
{
	struct tm_protect_cover *cover;

	if (!route->prefix.len && route->table != TABLE_MAIN)
		return 0;
	cover = cover_of(r, server, route->table);
	if (!cover)
		return -ENOMEM;
	if (route->prefix.len < cover->len)
		return 0;
	if (route->prefix.len > cover->len)
		cover->devices = 0;
	cover->len = route->prefix.len;
	cover->devices |= bit_of(r, route->ifindex);
	return 0;
}

int tm_protect_routes_take(struct tm_protect_routes *r, const struct tm_protect_route *route)
{
	int err = 0;

	if (route->ifindex <= LOOPBACK)
		return 0;
	for (size_t i = 0; i < r->client_count; i++)
		if (route->prefix.mtu && r->clients[i] == route->ifindex)
			r->own_mtu |= 1ull << i;
	for (size_t i = 0; i < r->server_count && !err; i++) {
		if (tm_prefix_covers(&route->prefix, &r->servers[i]))
			err = take_cover(r, i, route);
		else if (tm_prefix_covers(&r->servers[i], &route->prefix))
			r->inside |= bit_of(r, route->ifindex);
	}
	return err;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

void tm_protect_routes_end(struct tm_protect_routes *r, struct tm_protect_found *found)
{
	uint64_t lead = r->inside;

	for (size_t i = 0; i < r->cover_count; i++)
		lead |= r->covers[i].devices;
	free(r->covers);
	r->covers = NULL;
	if (!found)
		return;
	memset(found, 0, sizeof(*found));
	for (unsigned i = 0; i < r->device_count; i++)
		if (lead >> i & 1)
			found->devices[found->device_count++] = r->devices[i];
	qsort(found->devices, found->device_count, sizeof(*found->devices), compare);
	found->too_many = r->too_many;
	found->own_mtu = r->own_mtu;
}
