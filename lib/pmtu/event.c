/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What changes what the path-MTU engine knows by itself: PTBs (RFC 1191, sections 3 and 5; RFC 8201, section 4) and time (RFC 1191,
 * sections 6.3 and 7.1).
 */
#include <string.h>

#include "engine.h"

uint16_t tm_pmtu_below(const struct tm_pmtu *p, uint16_t x)
{
	for (size_t i = p->options.table_length; i > 0; i--)
		if (p->table[i - 1] < x)
			return p->table[i - 1];
	return 0;
}

uint16_t tm_pmtu_above(const struct tm_pmtu *p, uint16_t x)
{
	for (size_t i = 0; i < p->options.table_length; i++)
		if (p->table[i] > x)
			return p->table[i];
	return 0;
}

/* What a PTB leads to. */
struct decision {
	enum tm_pmtu_outcome outcome;
	uint16_t pmtu, ceiling;
	bool nodf;
};

static uint16_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/*
 * The size that a router which tells none could not forward. One of 4.2BSD descent adds the header's length to the total length that it
 * quotes (RFC 1191, section 5). Below 68 it is no size that a router may refuse.
 */
static uint32_t bound_of(const struct tm_pmtu *p, const struct tm_pmtu_message *m, uint16_t pmtu)
{
	uint32_t length = m->quoted_len, header = m->quoted_ihl * 4u;

	if (length < TM_PMTU_MIN4)
		return pmtu;
	if (length > pmtu || (length == pmtu && p->options.old_router == TM_OLD_ROUTER_RFC1191))
		length = length > header ? length - header : 0;
	return length < pmtu ? length : pmtu;
}

/* The largest PMTU that a message can mean on a path of `pmtu`; less than the floor: fragments have to be. */
static uint32_t meant(const struct tm_pmtu *p, const struct tm_pmtu_message *m, uint16_t pmtu)
{
	if (m->mtu)
		return m->mtu;
	if (pmtu <= TM_PMTU_FLOOR4)
		return TM_PMTU_MIN4;
	return larger(tm_pmtu_below(p, bound_of(p, m, pmtu)), TM_PMTU_FLOOR4);
}

static struct decision decide(const struct tm_pmtu *p, const struct tm_pmtu_slot *slot, bool ipv6,
			      const struct tm_pmtu_message *m)
{
	struct decision d = { .ceiling = slot ? slot->ceiling : UINT16_MAX, .nodf = slot && slot->nodf };
	uint16_t floor = tm_pmtu_floor(ipv6);
	uint32_t mtu;

	if (m->ceiling)
		d.ceiling = larger(m->ceiling, floor);
	d.pmtu = slot && (slot->pmtu < d.ceiling || slot->state == TM_PMTU_STATIC) ? slot->pmtu : d.ceiling;
	if (p->disabled_at)
		d.outcome = TM_PMTU_DISABLED;
	else if (ipv6 ? m->mtu < TM_PMTU_FLOOR6 : m->mtu && m->mtu < TM_PMTU_MIN4)
		d.outcome = TM_PMTU_BELOW_MINIMUM;
	else if (slot && slot->state == TM_PMTU_STATIC)
		d.outcome = TM_PMTU_IS_STATIC;
	else if (!m->mtu && p->options.old_router == TM_OLD_ROUTER_OFF)
		d.outcome = TM_PMTU_IGNORED;
	else {
		mtu = meant(p, m, d.pmtu);
		if (mtu > d.pmtu || (mtu == d.pmtu && !slot)) {
			d.outcome = TM_PMTU_IGNORED;
		} else {
			bool nodf = mtu < floor, known = mtu == d.pmtu || (nodf && d.pmtu == floor && d.nodf);

			d.outcome = known ? TM_PMTU_CONFIRMED : TM_PMTU_LOWERED;
			d.pmtu = larger(mtu, floor);
			d.nodf |= nodf;
		}
	}
	return d;
}

enum tm_pmtu_outcome tm_pmtu_choose(const struct tm_pmtu *p, const struct tm_path *path,
				    const struct tm_pmtu_message *m, uint16_t *pmtu, bool *nodf)
{
	uint32_t number = tm_pmtu_store_find(&p->store, path);
	struct decision d = decide(p, number ? tm_pmtu_slot(&p->store, number) : NULL, path->ipv6, m);

	*pmtu = d.pmtu;
	*nodf = d.nodf;
	return d.outcome;
}

/* Writes a decision into the entry of a path, which has just become the newest. */
static void write_entry(struct tm_pmtu *p, struct tm_pmtu_slot *slot, const struct tm_pmtu_message *m,
			const struct decision *d)
{
	bool same = slot->pmtu == d->pmtu && slot->nodf == d->nodf;

	slot->since = p->now;
	slot->late = 0;
	slot->pmtu = d->pmtu;
	slot->nodf = d->nodf;
	slot->ceiling = d->ceiling;
	slot->origin = m->mtu ? TM_PMTU_PTB : TM_PMTU_PTB0;
	if (slot->hits < UINT16_MAX)
		slot->hits++;
	memset(slot->reporter, 0, sizeof(slot->reporter));
	if (m->reporter)
		memcpy(slot->reporter, m->reporter, slot->ipv6 ? 16 : 4);
	tm_pmtu_tell(p, slot, same ? TM_PMTU_RESTARTED : TM_PMTU_NEW_VALUE);
}

enum tm_pmtu_outcome tm_pmtu_ptb(struct tm_pmtu *p, const struct tm_path *path, const struct tm_pmtu_message *m,
				 uint64_t now_ms)
{
	uint32_t number = tm_pmtu_store_find(&p->store, path);
	struct decision d = decide(p, number ? tm_pmtu_slot(&p->store, number) : NULL, path->ipv6, m);

	tm_pmtu_time(p, now_ms);
	if (d.outcome == TM_PMTU_LOWERED || d.outcome == TM_PMTU_CONFIRMED) {
		if (number)
			tm_pmtu_store_move(&p->store, number, TM_PMTU_REDUCED);
		else
			number = tm_pmtu_make(p, path, TM_PMTU_REDUCED);
		if (number)
			write_entry(p, tm_pmtu_slot(&p->store, number), m, &d);
		else
			d.outcome = TM_PMTU_FULL;
	}
	p->counts.outcomes[d.outcome]++;
	return d.outcome;
}

/* The deadline of an entry has passed. */
static void raise_entry(struct tm_pmtu *p, uint32_t number)
{
	struct tm_pmtu_slot *slot = tm_pmtu_slot(&p->store, number);
	uint16_t next = p->options.raise == TM_RAISE_JUMP ? 0 : tm_pmtu_above(p, slot->pmtu);
	uint64_t late;

	if (!next || next >= slot->ceiling) {
		p->counts.aged_out++;
		tm_pmtu_remove(p, number, TM_PMTU_AGED_OUT);
		return;
	}
	p->counts.raised++;
	late = slot->late + (p->now - slot->since) / TM_PMTU_LATE_MS;
	slot->late = late < TM_PMTU_LATE_MAX ? late : TM_PMTU_LATE_MAX;
	slot->since = p->now;
	slot->pmtu = next;
	slot->nodf = false;
	tm_pmtu_store_move(&p->store, number, TM_PMTU_RAISING);
	tm_pmtu_tell(p, slot, TM_PMTU_RAISED);
}

/* The oldest of a state where it is due, else 0. */
static uint32_t first_due(const struct tm_pmtu *p, enum tm_pmtu_state state)
{
	uint32_t number = p->store.queues[state].oldest;
	uint64_t due = number ? tm_pmtu_due(p, tm_pmtu_slot(&p->store, number)) : 0;

	return due && due <= p->now ? number : 0;
}

size_t tm_pmtu_tick(struct tm_pmtu *p, uint64_t now_ms, size_t max)
{
	size_t steps = 0;
	uint32_t number;

	tm_pmtu_time(p, now_ms);
	while ((!max || steps < max) &&
	       ((number = first_due(p, TM_PMTU_RAISING)) || (number = first_due(p, TM_PMTU_REDUCED)))) {
		raise_entry(p, number);
		steps++;
	}
	return steps;
}

uint64_t tm_pmtu_next_ms(const struct tm_pmtu *p)
{
	uint64_t next = 0;

	for (int state = TM_PMTU_REDUCED; state <= TM_PMTU_RAISING; state++) {
		uint32_t number = p->store.queues[state].oldest;
		uint64_t due = number ? tm_pmtu_due(p, tm_pmtu_slot(&p->store, number)) : 0;

		if (due && (!next || due < next))
			next = due;
	}
	return !next ? 0 : next > TM_PMTU_ZERO ? next - TM_PMTU_ZERO : 1;
}
