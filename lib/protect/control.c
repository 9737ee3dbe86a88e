/* SPDX-License-Identifier: BSD-2-Clause */
#include "control.h"

#include <stdio.h>
#include <string.h>

#include "lib/report/event.h"

#define NEVER UINT64_MAX
#define SAMPLES_MIN 64 /* that a watermark is made of: one more or less is no flood */
#define JUMP_MAX (1ull << 48) /* of a counter in one tick: sums of these stay far from an overflow */

static struct tm_protect_totals *second(struct tm_protect_control *c, uint64_t s)
{
	return &c->past[s % TM_PROTECT_WINDOW];
}

static uint64_t grown(uint64_t now, uint64_t before)
{
	uint64_t by = now > before ? now - before : 0;

	return by < JUMP_MAX ? by : JUMP_MAX;
}

static bool is_armed(const struct tm_protect_control *c)
{
	return c->state >= TM_PROTECTION_ARMED;
}

/* The last part gets the rest. */
static uint64_t share(uint64_t n, uint64_t parts, bool last)
{
	return n / parts + (last ? n % parts : 0);
}

/* The seconds since the last tick begin empty, and what has grown is spread over them. */
static void take(struct tm_protect_control *c, uint64_t now, const struct tm_protect_totals *t)
{
	uint64_t sample = c->settings.sample ? c->settings.sample : 1;
	struct tm_protect_totals by = {
		.opened = grown(t->opened, c->last.opened) * sample,
		.ended = grown(t->ended, c->last.ended) * sample,
		.answered = grown(t->answered, c->last.answered),
		.good = grown(t->good, c->last.good),
		.bad = grown(t->bad, c->last.bad),
	};
	uint64_t from = c->now / 1000, to = now / 1000, parts = to - from ? to - from : 1;
	uint64_t begin = to - from < TM_PROTECT_WINDOW ? from : to - TM_PROTECT_WINDOW;

	if (c->settings.synproxy && is_armed(c)) {
		by.answered = by.opened;
		by.good = by.ended;
		by.opened = by.ended = 0;
	}
	for (uint64_t s = begin + 1; s <= to; s++)
		*second(c, s) = (struct tm_protect_totals){ 0 };
	for (uint64_t s = to > begin ? begin + 1 : to; s <= to; s++) {
		struct tm_protect_totals *p = second(c, s);
		bool last = s == to;

		p->opened += share(by.opened, parts, last);
		p->ended += share(by.ended, parts, last);
		p->answered += share(by.answered, parts, last);
		p->good += share(by.good, parts, last);
		p->bad += share(by.bad, parts, last);
	}
}

static uint64_t above_zero(uint64_t more, uint64_t less)
{
	return more > less ? more - less : 0;
}

/* Of so many seconds, before the last `skip`; the one that has begun is one of these. */
static struct tm_protect_totals sum(const struct tm_protect_control *c, uint64_t skip, uint64_t seconds)
{
	struct tm_protect_totals all = { 0 };

	for (uint64_t i = skip; i < skip + seconds; i++) {
		const struct tm_protect_totals *p =
			&c->past[(c->now / 1000 + TM_PROTECT_WINDOW - i) % TM_PROTECT_WINDOW];

		all.opened += p->opened;
		all.ended += p->ended;
		all.answered += p->answered;
		all.good += p->good;
		all.bad += p->bad;
	}
	return all;
}

static uint64_t half_open(const struct tm_protect_control *c)
{
	struct tm_protect_totals s = sum(c, 0, is_armed(c) ? TM_PROTECT_RECENT : TM_PROTECT_WINDOW);

	if (!is_armed(c))
		return above_zero(s.opened, s.ended);
	return (above_zero(s.opened, s.ended) + above_zero(s.answered, s.good)) *
	       (TM_PROTECT_WINDOW / TM_PROTECT_RECENT);
}

/* Since when something is so, or NEVER. */
static void note(uint64_t *since, bool is_so, uint64_t now)
{
	if (!is_so)
		*since = NEVER;
	else if (*since == NEVER)
		*since = now;
}

static bool for_as_long(const struct tm_protect_control *c, uint64_t since, uint64_t ms)
{
	return since != NEVER && c->now - since >= ms;
}

static enum tm_protect_change go(struct tm_protect_control *c, enum tm_protection state, enum tm_protect_change change)
{
	c->state = state;
	c->since = c->now;
	if (change == TM_PROTECT_ARMS) {
		c->above = c->calm = c->below = NEVER; /* these count from here */
		c->armed++;
	}
	/* No server knows the connections that were opened with a cookie as half-open. */
	for (int i = 0; i < TM_PROTECT_WINDOW && change == TM_PROTECT_DISARMS; i++)
		c->past[i].opened = c->past[i].ended = 0;
	return change;
}

static enum tm_protect_change step(struct tm_protect_control *c)
{
	const struct tm_protect_settings *s = &c->settings;
	bool always = s->mode == TM_PROTECT_ALWAYS, off = s->mode == TM_PROTECT_OFF;

	switch (c->state) {
	case TM_PROTECTION_DRAINING:
	case TM_PROTECTION_IDLE:
		if (always || (!off && c->half_open > s->high))
			return go(c, TM_PROTECTION_ARMED, TM_PROTECT_ARMS);
		if (c->state == TM_PROTECTION_DRAINING && c->now - c->since >= TM_PROTECT_DRAIN_MS)
			return go(c, TM_PROTECTION_IDLE, TM_PROTECT_DRAINED);
		break;
	case TM_PROTECTION_ARMED:
	case TM_PROTECTION_FLOODED:
		if (off || (!always && for_as_long(c, c->below, TM_PROTECT_HOLD_MS)))
			return go(c, TM_PROTECTION_DRAINING, TM_PROTECT_DISARMS);
		if (c->state == TM_PROTECTION_ARMED && for_as_long(c, c->above, TM_PROTECT_FLOODED_MS))
			return go(c, TM_PROTECTION_FLOODED, TM_PROTECT_FLOODS);
		if (c->state == TM_PROTECTION_FLOODED && for_as_long(c, c->calm, TM_PROTECT_FLOODED_MS))
			return go(c, TM_PROTECTION_ARMED, TM_PROTECT_CALMS);
		break;
	case TM_PROTECTIONS:
		break;
	}
	return TM_PROTECT_SAME;
}

enum tm_protect_change tm_protect_control_tick(struct tm_protect_control *c, uint64_t now,
					       const struct tm_protect_totals *totals)
{
	if (!c->ticked) {
		c->now = c->since = now;
	} else {
		now = now > c->now ? now : c->now;
		take(c, now, totals);
		c->now = now;
	}
	c->ticked = true;
	c->last = *totals;
	c->half_open = half_open(c);
	note(&c->above, c->half_open > c->settings.high, now);
	note(&c->calm, c->half_open <= c->settings.high, now);
	note(&c->below, c->half_open <= c->settings.low, now);
	return step(c);
}

void tm_protect_control_init(struct tm_protect_control *c, const struct tm_protect_settings *settings)
{
	*c = (struct tm_protect_control){ .settings = *settings, .above = NEVER, .calm = NEVER, .below = NEVER };
}

void tm_protect_control_set(struct tm_protect_control *c, const struct tm_protect_settings *settings)
{
	c->settings = *settings;
}

void tm_protect_control_resume(struct tm_protect_control *c, enum tm_protect_arm arm)
{
	switch (arm) {
	case TM_PROTECT_IDLE:
		c->state = TM_PROTECTION_IDLE;
		break;
	case TM_PROTECT_DRAINING:
		c->state = TM_PROTECTION_DRAINING;
		break;
	case TM_PROTECT_ARMED:
		c->state = TM_PROTECTION_ARMED;
		break;
	}
}

struct tm_protect_rates tm_protect_control_rates(const struct tm_protect_control *c)
{
	struct tm_protect_totals s = sum(c, 1, TM_PROTECT_RATE);

	return (struct tm_protect_rates){ s.opened / TM_PROTECT_RATE, s.answered / TM_PROTECT_RATE,
					  s.good / TM_PROTECT_RATE, s.bad / TM_PROTECT_RATE };
}

void tm_protect_control_event(struct tm_event *e, const struct tm_protect_control *c, enum tm_protect_change change,
			      uint64_t time, const char *name)
{
	static const enum tm_event_kind kinds[TM_PROTECT_CHANGES] = {
		[TM_PROTECT_ARMS] = TM_EVENT_ARMED,	 [TM_PROTECT_FLOODS] = TM_EVENT_FLOODED,
		[TM_PROTECT_CALMS] = TM_EVENT_CALMED,	 [TM_PROTECT_DISARMS] = TM_EVENT_DISARMED,
		[TM_PROTECT_DRAINED] = TM_EVENT_DRAINED,
	};
	struct tm_protect_rates r = tm_protect_control_rates(c);

	*e = (struct tm_event){ .time = time, .kind = kinds[change] };
	snprintf(e->hook, sizeof(e->hook), "%s", name);
	e->protect = (struct tm_event_protect){ c->half_open, c->settings.high, c->settings.low,
						r.opened,     r.answered,	r.good,
						r.bad };
}

enum tm_protect_arm tm_protection_arm(enum tm_protection state)
{
	static const enum tm_protect_arm arms[TM_PROTECTIONS] = {
		[TM_PROTECTION_IDLE] = TM_PROTECT_IDLE,
		[TM_PROTECTION_DRAINING] = TM_PROTECT_DRAINING,
		[TM_PROTECTION_ARMED] = TM_PROTECT_ARMED,
		[TM_PROTECTION_FLOODED] = TM_PROTECT_ARMED,
	};

	return arms[state];
}

const char *tm_protection_name(enum tm_protection state)
{
	static const char *const names[TM_PROTECTIONS] = { "idle", "draining", "armed", "flooded" };

	return state < TM_PROTECTIONS ? names[state] : "?";
}

struct tm_protect_totals tm_protect_totals(const struct tm_protect_counters *counters)
{
	uint64_t packets[PK_PROTECT_REASON_COUNT] = { 0 };

	for (int f = 0; f < PK_FAMILY_COUNT; f++)
		for (int r = 0; r < PK_PROTECT_REASON_COUNT; r++)
			packets[r] += counters->packets[f][r];
	return (struct tm_protect_totals){
		.opened = packets[PK_PROTECT_SAMPLED_OPENED],
		.ended = packets[PK_PROTECT_SAMPLED_COMPLETED] + packets[PK_PROTECT_SAMPLED_RESET],
		.answered = packets[PK_PROTECT_ANSWERED] + packets[PK_PROTECT_OVER_BUDGET],
		.good = packets[PK_PROTECT_COOKIE_GOOD],
		.bad = packets[PK_PROTECT_COOKIE_BAD],
	};
}

unsigned tm_protect_sample(const struct tm_config_protect *blocks, size_t count)
{
	unsigned sample = TM_PROTECT_SAMPLE + 1;

	for (size_t i = 0; i < count; i++)
		while (sample > 1 && blocks[i].high / sample < SAMPLES_MIN)
			sample /= 2;
	return sample;
}
