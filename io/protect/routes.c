/* SPDX-License-Identifier: BSD-2-Clause */
#include "routes.h"

#include <string.h>

#include "io/net/routes.h"

static int take(const struct io_table_route *route, void *ctx)
{
	struct tm_protect_route one = { .prefix = route->prefix, .table = route->table };
	int err = 0;

	for (unsigned i = 0; i < route->hop_count && !err; i++) {
		one.ifindex = route->hops[i];
		err = tm_protect_routes_take(ctx, &one);
	}
	return err;
}

int io_protect_routes(struct tm_protect_found *found, const struct tm_prefix *servers, size_t server_count,
		      const uint32_t *clients, size_t client_count, struct tm_error *e)
{
	struct tm_protect_routes routes;
	int err;

	memset(found, 0, sizeof(*found));
	tm_protect_routes_begin(&routes, servers, server_count, clients, client_count);
	err = io_routes_each(take, &routes, e);
	tm_protect_routes_end(&routes, err ? NULL : found);
	return err;
}
