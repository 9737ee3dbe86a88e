/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pulse of protect: counters to the controllers, and what they say to the kernel.
 */
#include "parts.h"

#include <inttypes.h>

#include "daemon/log.h"
#include "io/clock.h"
#include "lib/report/event.h"
#include "daemon/manager/watching.h"

#define TICKS_OF_RULES 5
#define TICKS_OF_RETRY 10 /* what has failed is tried again every other second */

/* Tells whoever watches. */
static void tell(struct protect *p, const struct protect_block *b, enum tm_protect_change change)
{
	struct tm_event event;

	tm_protect_control_event(&event, &b->control, change, io_clock_ns(CLOCK_REALTIME), b->config->name);
	watching_event(p->watching, &event);
}

/* Tries again later what is not possible now; that is told once. */
static void arm(struct protect *p, struct protect_block *b)
{
	struct tm_error e;

	if (protect_arm(p, b, &e)) {
		if (!b->failed)
			log_line(LOG_ERR, "protect %s: arming: %s", b->config->name, e.text);
		b->failed = true;
		return;
	}
	b->failed = false;
	log_line(LOG_NOTICE, "protect %s: armed, with %" PRIu64 " half-open connections", b->config->name,
		 b->control.half_open);
	tell(p, b, TM_PROTECT_ARMS);
}

static void act(struct protect *p, struct protect_block *b, enum tm_protect_change change)
{
	switch (change) {
	case TM_PROTECT_SAME:
	case TM_PROTECT_CHANGES:
		return;
	case TM_PROTECT_ARMS:
		arm(p, b);
		return;
	case TM_PROTECT_FLOODS:
		log_line(LOG_WARNING, "protect %s: flooded: %" PRIu64 " half-open connections, more than %u",
			 b->config->name, b->control.half_open, b->config->high);
		break;
	case TM_PROTECT_CALMS:
		log_line(LOG_NOTICE, "protect %s: no longer flooded", b->config->name);
		break;
	case TM_PROTECT_DISARMS:
		protect_drain(p, b);
		log_line(LOG_NOTICE, "protect %s: disarmed", b->config->name);
		break;
	case TM_PROTECT_DRAINED:
		protect_idle(p, b);
		break;
	}
	tell(p, b, change);
}

static void tick_block(struct protect *p, struct protect_block *b, uint64_t now)
{
	struct tm_protect_counters counters;
	struct tm_protect_totals totals;

	if (io_protect_counters(&p->maps, b->number, &counters))
		return;
	totals = tm_protect_totals(&counters);
	act(p, b, tm_protect_control_tick(&b->control, now, &totals));
}

/* Arms what should be armed and could not be. */
static void retry(struct protect *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct protect_block *b = &p->blocks[i];

		if (b->arm != TM_PROTECT_ARMED && tm_protection_arm(b->control.state) == TM_PROTECT_ARMED)
			arm(p, b);
	}
	protect_devices_retry(p);
}

void protect_tick(struct protect *p)
{
	uint64_t now = io_clock_ns(CLOCK_MONOTONIC) / 1000000;

	for (size_t i = 0; i < p->count; i++)
		tick_block(p, &p->blocks[i], now);
	p->ticks++;
	if (p->ticks % TICKS_OF_RETRY == 1) {
		retry(p);
		protect_reach(p);
	}
	if (p->ticks % TICKS_OF_RULES == 0 || io_protect_rules_gone(&p->rules))
		protect_rules_follow(p);
}
