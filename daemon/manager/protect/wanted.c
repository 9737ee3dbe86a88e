/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which devices protect blocks want their programs on: as they name them, and as the routes to their servers do.
 */
#include "parts.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "io/protect/routes.h"

static bool has_name(const struct protect_devices *d, const char *name)
{
	for (unsigned i = 0; i < d->count; i++)
		if (!strcmp(d->list[i].name, name))
			return true;
	return false;
}

static int too_many(struct tm_error *e)
{
	return tm_error_code(e, -E2BIG, "protect: more than %d devices", TM_PROTECT_DEVICES);
}

static int add_clients(struct protect_devices *d, const struct tm_config_protect *c, struct tm_error *e)
{
	for (size_t i = 0; i < c->device_count; i++) {
		if (has_name(d, c->devices[i]))
			continue;
		if (d->count == TM_PROTECT_DEVICES)
			return too_many(e);
		d->list[d->count] = (struct protect_device){ .ifindex = if_nametoindex(c->devices[i]) };
		strcpy(d->list[d->count++].name, c->devices[i]);
	}
	return 0;
}

static int add_server(struct protect_wanted *w, uint32_t ifindex, struct tm_error *e)
{
	for (unsigned i = 0; i < w->server_count; i++)
		if (w->servers[i] == ifindex)
			return 0;
	if (w->server_count == TM_PROTECT_DEVICES)
		return too_many(e);
	w->servers[w->server_count++] = ifindex;
	return 0;
}

/* Those that are not there now are waited for. */
static int add_servers(struct protect_wanted *w, const struct tm_config_protect *c, struct tm_error *e)
{
	int err = 0;

	for (size_t i = 0; i < c->server_device_count && !err; i++) {
		uint32_t ifindex = if_nametoindex(c->server_devices[i]);

		err = ifindex ? add_server(w, ifindex, e) : 0;
	}
	return err;
}

/* The servers of all blocks whose devices nobody has named. For free(); NULL without memory. */
static struct tm_prefix *routed_servers(const struct protect_block *blocks, size_t count, size_t *found)
{
	struct tm_prefix *list;
	size_t room = 1;

	for (size_t i = 0; i < count; i++)
		room += blocks[i].config->server_count;
	list = malloc(room * sizeof(*list));
	*found = 0;
	for (size_t i = 0; i < count && list; i++) {
		const struct tm_config_protect *c = blocks[i].config;

		for (size_t k = 0; k < c->server_count && !c->server_device_count; k++)
			list[(*found)++] = c->servers[k].range;
	}
	return list;
}

static int add_routed(struct protect_wanted *w, const struct protect_block *blocks, size_t count, struct tm_error *e)
{
	uint32_t clients[TM_PROTECT_DEVICES];
	struct tm_protect_found found;
	size_t server_count;
	struct tm_prefix *servers = routed_servers(blocks, count, &server_count);
	int err;

	if (!servers)
		return tm_error_code(e, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < w->clients.count; i++)
		clients[i] = w->clients.list[i].ifindex;
	err = io_protect_routes(&found, servers, server_count, clients, w->clients.count, e);
	free(servers);
	if (!err && found.too_many)
		err = tm_error_code(
			e, -E2BIG,
			"protect: routes to the servers lead through more than %d devices: name those that count, as server-device",
			TM_PROTECT_DEVICES);
	w->own_mtu = err ? 0 : found.own_mtu;
	for (unsigned i = 0; i < found.device_count && !err; i++)
		err = add_server(w, found.devices[i], e);
	return err;
}

int protect_devices_find(struct protect_wanted *w, const struct protect_block *blocks, size_t count, struct tm_error *e)
{
	int err = 0;

	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < count && !err; i++) {
		err = add_clients(&w->clients, blocks[i].config, e);
		if (!err)
			err = add_servers(w, blocks[i].config, e);
	}
	return err ? err : add_routed(w, blocks, count, e);
}
