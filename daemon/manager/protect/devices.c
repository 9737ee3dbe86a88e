/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of protect on the devices that want them, and devices that come and go.
 */
#include "parts.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "daemon/learner/learner.h"
#include "daemon/log.h"
#include "io/protect/attach.h"
#include "io/protect/server-side.h"

static struct protect_device *find_name(struct protect_devices *d, const char *name)
{
	for (unsigned i = 0; i < d->count; i++)
		if (!strcmp(d->list[i].name, name))
			return &d->list[i];
	return NULL;
}

static struct protect_device *find_index(struct protect_devices *d, uint32_t ifindex)
{
	for (unsigned i = 0; i < d->count && ifindex; i++)
		if (d->list[i].ifindex == ifindex)
			return &d->list[i];
	return NULL;
}

/* ---- where clients are */

static int attach(struct protect *p, struct protect_device *d, struct tm_error *e)
{
	return io_protect_attach(&p->maps, d->name, IO_PROTECT_TC, learner_maps(p->learner), &d->slot, e);
}

static void detach(struct protect *p, const struct protect_device *d)
{
	enum io_protect_kind kind;
	struct tm_error e;

	for (kind = IO_PROTECT_TC; kind <= IO_PROTECT_XDP; kind++)
		if (io_protect_detach(&p->maps, d->ifindex, kind, &e))
			log_line(LOG_ERR, "protect: %s: %s", d->name, e.text);
}

/* Told once. */
static void failed(struct protect_device *d, const struct tm_error *e)
{
	if (!d->failed)
		log_line(LOG_ERR, "protect: %s: %s", d->name, e->text);
	d->failed = true;
}

static void tell_attached(const struct protect_device *d)
{
	log_line(LOG_NOTICE, "protect: clients are met on %s", d->name);
}

static void try(struct protect *p, struct protect_device *d)
{
	struct tm_error e;

	if (attach(p, d, &e)) {
		failed(d, &e);
		return;
	}
	d->failed = false;
	tell_attached(d);
}

/* The bits of `fresh` are those that had no program before. */
static int attach_clients(struct protect *p, struct protect_devices *wanted, bool again, uint64_t *fresh,
			  struct tm_error *e)
{
	int err = 0;

	for (unsigned i = 0; i < wanted->count && !err; i++) {
		struct protect_device *d = &wanted->list[i];
		const struct protect_device *had = find_index(&p->clients, d->ifindex);
		bool there;

		if (!d->ifindex)
			continue;
		if (had)
			*d = *had;
		if (had && !had->failed && !again)
			continue;
		there = io_protect_attached(&p->maps, d->ifindex, IO_PROTECT_TC);
		err = attach(p, d, e);
		if (!err)
			d->failed = false;
		if (!err && !there)
			*fresh |= 1ull << i;
	}
	return err;
}

/*
 * A device without its program, because it has gone just now or its frames cannot be read, does not keep the others from theirs: routes
 * may name it that no server is behind.
 */
static int attach_servers(struct protect *p, const struct protect_wanted *w, bool again, struct tm_error *e)
{
	int err = io_server_side_set(&p->maps, w->servers, w->server_count, again, e);

	p->servers_failed = err == -ENODEV || err == -EOPNOTSUPP;
	if (p->servers_failed)
		log_line(LOG_WARNING, "protect: %s", e->text);
	return p->servers_failed ? 0 : err;
}

int protect_devices_attach(struct protect *p, struct protect_wanted *w, bool again, struct tm_error *e)
{
	uint64_t fresh = 0;
	struct tm_error ignored;
	int err = attach_clients(p, &w->clients, again, &fresh, e);

	if (!err)
		err = attach_servers(p, w, again, e);
	if (!err)
		return 0;
	for (unsigned i = 0; i < w->clients.count; i++)
		if (fresh >> i & 1)
			detach(p, &w->clients.list[i]);
	if (p->count)
		io_server_side_set(&p->maps, p->servers, p->server_count, false, &ignored);
	return err;
}

static void settle_clients(struct protect *p, const struct protect_devices *wanted)
{
	struct protect_devices next = *wanted;

	for (unsigned i = 0; i < p->clients.count; i++) {
		const struct protect_device *d = &p->clients.list[i];

		if (!d->ifindex || find_index(&next, d->ifindex))
			continue;
		detach(p, d);
		log_line(LOG_NOTICE, "protect: clients are no longer met on %s", d->name);
	}
	for (unsigned i = 0; i < next.count; i++) {
		const struct protect_device *d = &next.list[i], *had = find_name(&p->clients, d->name);

		if (d->failed || (had && had->ifindex == d->ifindex))
			continue;
		if (d->ifindex)
			tell_attached(d);
		else
			log_line(LOG_NOTICE, "protect: waits for device %s", d->name);
	}
	p->clients = next;
}

static void settle_servers(struct protect *p, const struct protect_wanted *w)
{
	char names[LOG_LINE] = "", name[IF_NAMESIZE];
	size_t len = 0;

	if (w->server_count == p->server_count &&
	    !memcmp(w->servers, p->servers, w->server_count * sizeof(*w->servers)))
		return;
	memcpy(p->servers, w->servers, sizeof(p->servers));
	p->server_count = w->server_count;
	for (unsigned i = 0; i < w->server_count && len < sizeof(names) - IF_NAMESIZE - 2; i++)
		if (if_indextoname(w->servers[i], name))
			len += (size_t)sprintf(names + len, "%s%s", len ? ", " : "", name);
	log_line(LOG_NOTICE, "protect: servers are behind %s", *names ? names : "no device that is there");
}

void protect_devices_settle(struct protect *p, const struct protect_wanted *w)
{
	settle_clients(p, &w->clients);
	settle_servers(p, w);
	for (unsigned i = 0; i < p->clients.count; i++)
		if (p->clients.list[i].ifindex && !p->clients.list[i].failed)
			p->state->devices[p->clients.list[i].slot].ask_routes = w->own_mtu >> i & 1;
}

void protect_devices_sweep(struct protect *p)
{
	for (unsigned i = 0; i < TM_PROTECT_DEVICES; i++) {
		struct protect_device d = { .ifindex = p->state->devices[i].ifindex };

		if (!d.ifindex || find_index(&p->clients, d.ifindex))
			continue;
		if (!if_indextoname(d.ifindex, d.name))
			strcpy(d.name, "?"); /* it has gone */
		detach(p, &d);
	}
}

/* ---- following */

void protect_on_device(struct protect *p, const struct io_device *device, bool gone)
{
	bool changed = false;

	for (unsigned i = 0; i < p->clients.count; i++) {
		struct protect_device *d = &p->clients.list[i];
		bool named = !strcmp(d->name, device->name);

		if (d->ifindex == device->index && (gone || !named)) {
			log_line(LOG_NOTICE, "protect: device %s has gone, waits for it", d->name);
			detach(p, d);
			d->ifindex = 0;
			d->xdp = d->failed = false;
			changed = true;
		} else if (named && !gone && d->ifindex != device->index) {
			d->ifindex = device->index;
			try(p, d);
			changed = true;
		} else if (named && !gone && !d->failed) {
			p->state->devices[d->slot].mtu = device->mtu;
		}
	}
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->blocks[i].config->server_device_count; k++)
			changed |= !strcmp(p->blocks[i].config->server_devices[k], device->name);
	if (changed)
		protect_look_again(p);
}

void protect_look_again(struct protect *p)
{
	struct protect_wanted w;
	struct tm_error e;
	int err;

	if (!p->count)
		return;
	err = protect_devices_find(&w, p->blocks, p->count, &e);
	if (err) {
		log_line(LOG_ERR, "%s", e.text);
		return;
	}
	for (unsigned i = 0; i < w.clients.count; i++) {
		struct protect_device *d = &w.clients.list[i], *had = find_name(&p->clients, d->name);

		if (had && had->ifindex == d->ifindex)
			*d = *had;
		else if (d->ifindex)
			try(p, d);
	}
	protect_services_follow(p);
	err = io_server_side_set(&p->maps, w.servers, w.server_count, false, &e);
	if (err && !p->servers_failed)
		log_line(LOG_ERR, "protect: %s", e.text);
	p->servers_failed = err;
	protect_devices_settle(p, &w);
	protect_xdp_settle(p);
}

void protect_devices_retry(struct protect *p)
{
	struct tm_error e;

	for (unsigned i = 0; i < p->clients.count; i++)
		if (p->clients.list[i].ifindex && p->clients.list[i].failed)
			try(p, &p->clients.list[i]);
	if (p->servers_failed)
		p->servers_failed = io_server_side_set(&p->maps, p->servers, p->server_count, false, &e);
}
