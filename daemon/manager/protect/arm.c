/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arming and disarming: what the kernel is told, in the order in which nothing that is answered is lost.
 *
 * A cookie that comes back is no connection that conntrack knows. With nf_conntrack_tcp_loose it would become one, and SYNPROXY would
 * not see it: so loose goes before the first SYN is answered, and comes back when no cookie can be on its way any more.
 */
#include "parts.h"

#include <errno.h>
#include <string.h>

#include "daemon/learner/learner.h"
#include "daemon/log.h"
#include "io/net/conntrack.h"
#include "io/protect/attach.h"

static uint32_t accelerator(const struct protect_block *b)
{
	if (b->config->accelerator == TM_ACCELERATOR_NONE)
		return TM_ACCELERATOR_NONE;
	return b->xdp ? TM_ACCELERATOR_XDP : TM_ACCELERATOR_TC;
}

/* ---- what is there while some block is armed or draining */

int protect_guard(struct protect *p, struct tm_error *e)
{
	bool guarded = false;
	int err;

	for (size_t i = 0; i < p->count; i++)
		guarded |= p->blocks[i].arm != TM_PROTECT_IDLE;
	if (!guarded)
		__atomic_store_n(&p->state->guarding, 0, __ATOMIC_RELEASE);
	err = guarded ? io_conntrack_hold(e) : io_conntrack_release(e);
	if (guarded && !err)
		__atomic_store_n(&p->state->guarding, 1, __ATOMIC_RELEASE);
	return err;
}

/* ---- XDP, where it is asked for */

static bool has_device(const struct protect_block *b, const char *name)
{
	for (size_t i = 0; i < b->config->device_count; i++)
		if (!strcmp(b->config->devices[i], name))
			return true;
	return false;
}

static int attach_xdp(struct protect *p, struct protect_device *d)
{
	const struct io_learn_maps *learn = learner_maps(p->learner);
	struct tm_error e;
	int err = io_protect_attach(&p->maps, d->name, IO_PROTECT_XDP, learn, NULL, &e);

	if (err)
		log_line(LOG_ERR, "protect: XDP on %s: %s; tc answers in its place", d->name, e.text);
	return err;
}

static void detach_xdp(struct protect *p, struct protect_device *d)
{
	struct tm_error e;

	if (io_protect_detach(&p->maps, d->ifindex, IO_PROTECT_XDP, &e))
		log_line(LOG_ERR, "protect: XDP on %s: %s", d->name, e.text);
	d->xdp = false;
}

void protect_xdp_settle(struct protect *p)
{
	for (unsigned i = 0; i < p->clients.count; i++) {
		struct protect_device *d = &p->clients.list[i];
		bool wanted = false;

		for (size_t k = 0; k < p->count; k++)
			wanted |= p->blocks[k].xdp && has_device(&p->blocks[k], d->name);
		if (d->xdp && !wanted)
			detach_xdp(p, d);
		if (!d->ifindex || d->xdp || !wanted)
			continue;
		d->xdp = !attach_xdp(p, d);
		for (size_t k = 0; k < p->count && !d->xdp; k++)
			if (has_device(&p->blocks[k], d->name))
				p->blocks[k].xdp = false;
	}
	for (size_t k = 0; k < p->count; k++)
		p->state->blocks[p->blocks[k].number].accelerator = accelerator(&p->blocks[k]);
}

/* ---- arming and disarming */

static void tell_kernel(struct protect *p, const struct protect_block *b)
{
	__atomic_store_n(&p->state->blocks[b->number].arm, b->arm, __ATOMIC_RELEASE);
}

static void tell_failed(const struct protect_block *b, const struct tm_error *e)
{
	log_line(LOG_ERR, "protect %s: %s", b->config->name, e->text);
}

int protect_arm(struct protect *p, struct protect_block *b, struct tm_error *e)
{
	enum tm_protect_arm before = b->arm;
	struct tm_error ignored;
	int err;

	b->arm = TM_PROTECT_ARMED;
	err = protect_guard(p, e);
	if (!err)
		err = protect_rules_arm(p, e);
	if (err) {
		b->arm = before;
		protect_guard(p, &ignored);
		return err;
	}
	b->xdp = b->config->accelerator == TM_ACCELERATOR_XDP;
	protect_xdp_settle(p);
	tell_kernel(p, b);
	return 0;
}

void protect_drain(struct protect *p, struct protect_block *b)
{
	struct tm_error e;

	b->arm = TM_PROTECT_DRAINING;
	tell_kernel(p, b);
	if (protect_rules_arm(p, &e))
		tell_failed(b, &e);
}

void protect_idle(struct protect *p, struct protect_block *b)
{
	struct tm_error e;

	b->arm = TM_PROTECT_IDLE;
	b->xdp = false;
	tell_kernel(p, b);
	if (protect_rules_arm(p, &e))
		tell_failed(b, &e);
	if (protect_guard(p, &e))
		tell_failed(b, &e);
	protect_xdp_settle(p);
}
