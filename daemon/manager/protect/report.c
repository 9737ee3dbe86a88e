/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is told of protect blocks.
 */
#include "parts.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/protect/attach.h"
#include "io/protect/server-side.h"
#include "lib/protect/services.h"

#define SERVERS_TOLD 256 /* of a block; the others are counted */

/* ---- devices */

static struct tm_protect_device_report *add_device(struct tm_protect_report *r, const char *name,
						   enum tm_protect_side side, uint32_t mtu)
{
	struct tm_protect_device_report *list = reallocarray(r->devices, r->device_count + 1, sizeof(*list));

	if (!list)
		return NULL;
	r->devices = list;
	list += r->device_count++;
	*list = (struct tm_protect_device_report){ .side = side, .mtu = mtu };
	strcpy(list->name, name);
	return list;
}

static int add_client(const struct protect *p, struct tm_protect_report *r, const char *name)
{
	const struct protect_device *d = NULL;
	struct tm_protect_device_report *told;

	for (unsigned i = 0; i < p->clients.count; i++)
		if (!strcmp(p->clients.list[i].name, name))
			d = &p->clients.list[i];
	told = add_device(r, name, TM_CLIENT_SIDE, d && d->ifindex && !d->failed ? p->state->devices[d->slot].mtu : 0);
	if (!told)
		return -ENOMEM;
	if (!d || !d->ifindex)
		tm_protect_report_warn(r, "waits for device %s, where clients should be", name);
	else if (!io_protect_attached(&p->maps, d->ifindex, IO_PROTECT_TC))
		tm_protect_report_warn(r, "no program on %s: SYNs that come in there pass", name);
	else
		strcpy(told->attachment, d->xdp ? "xdp" : "tc");
	return 0;
}

static int add_server_side(const struct protect *p, struct tm_protect_report *r)
{
	char name[IF_NAMESIZE];

	for (unsigned i = 0; i < p->server_count; i++) {
		struct tm_protect_device_report *told;

		if (!if_indextoname(p->servers[i], name))
			continue;
		told = add_device(r, name, TM_SERVER_SIDE, 0);
		if (!told)
			return -ENOMEM;
		if (io_server_side_attached(p->servers[i]))
			strcpy(told->attachment, "tc");
		else
			tm_protect_report_warn(r, "no program on %s: what servers there announce is not learned", name);
	}
	if (!p->server_count)
		tm_protect_report_warn(
			r, "no device leads to a server: there is no route to one, or none was named that is there");
	return 0;
}

/* ---- servers */

struct telling {
	const struct protect *p;
	struct tm_protect_reports *reports;
	size_t first; /* report of the first block */
	uint64_t now;
	bool list; /* not only how many there are */
	bool memory;
};

static bool tell_server(const struct tm_protect_server_key *key, const struct tm_protect_server *server, void *ctx)
{
	struct telling *t = ctx;
	uint32_t number = tm_services_find(&t->p->image, key->family == PK_IPV6, key->addr, key->port);
	struct tm_protect_server_report *list, *told;
	struct tm_protect_report *r;
	struct tm_synproxy offer;
	size_t i = 0;

	while (i < t->p->count && t->p->blocks[i].number != number)
		i++;
	if (i == t->p->count)
		return true;
	r = &t->reports->list[t->first + i];
	r->servers_known++;
	if (!t->list || r->server_count == SERVERS_TOLD)
		return true;
	list = reallocarray(r->servers, r->server_count + 1, sizeof(*list));
	if (!list) {
		t->memory = true;
		return false;
	}
	r->servers = list;
	told = &list[r->server_count++];
	offer = protect_offer(t->p, r->config, key, server);
	*told = (struct tm_protect_server_report){ .family = key->family,
						   .port = key->port,
						   .mss = offer.mss,
						   .own_mss = server->mss,
						   .route_mtu = server->route_mtu,
						   .wscale = offer.wscale,
						   .offers = server->offers,
						   .seen = t->now > server->seen ? (t->now - server->seen) / 1000000 :
										   0 };
	memcpy(told->address, key->addr, sizeof(told->address));
	return true;
}

static int tell_servers(const struct protect *p, struct tm_protect_reports *reports, size_t first, bool list)
{
	struct telling t = {
		.p = p, .reports = reports, .first = first, .now = io_clock_ns(CLOCK_MONOTONIC), .list = list
	};
	int err = io_protect_servers(&p->maps, tell_server, &t);

	return t.memory ? -ENOMEM : err;
}

/* ---- blocks */

static int fill(const struct protect *p, const struct protect_block *b, struct tm_protect_report *r)
{
	int err = 0;

	tm_protect_report_control(r, &b->control);
	io_protect_counters(&p->maps, b->number, &r->counters);
	for (size_t i = 0; i < b->config->device_count && !err; i++)
		err = add_client(p, r, b->config->devices[i]);
	if (!err)
		err = add_server_side(p, r);
	if (b->arm != tm_protection_arm(b->control.state))
		tm_protect_report_warn(r, "should be armed and is not: the log of tcpmssd tells why");
	if (p->reach.lost && b->arm == TM_PROTECT_ARMED && b->config->accelerator != TM_ACCELERATOR_NONE)
		tm_protect_report_warn(r,
				       "good cookies do not reach SYNPROXY: a rule of somebody else drops them before");
	if (p->rules_failed)
		tm_protect_report_warn(r, "the rules of nftables could not be written: the log of tcpmssd tells why");
	return err;
}

int protect_reports(const struct protect *p, struct tm_protect_reports *reports, bool servers, struct tm_error *e)
{
	size_t first = reports->count;
	int err = 0;

	for (size_t i = 0; i < p->count && !err; i++) {
		struct tm_protect_report *r = tm_protect_reports_add(reports, p->blocks[i].config);

		err = r ? fill(p, &p->blocks[i], r) : -ENOMEM;
	}
	if (!err && p->count)
		err = tell_servers(p, reports, first, servers);
	tm_protect_reports_sort(reports);
	return err ? tm_error_code(e, err, "protect: %s", strerror(-err)) : 0;
}
