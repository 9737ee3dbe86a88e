/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The path-MTU engine: its life, what is asked of it, and what it is told by people. PTBs and time: pmtu-event.c.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"

static void take_options(struct tm_pmtu *p, const struct tm_pmtu_options *options)
{
	const uint16_t *table = options->table ? options->table : tm_pmtu_default_table;
	size_t length = options->table ? options->table_length :
					 sizeof(tm_pmtu_default_table) / sizeof(tm_pmtu_default_table[0]);

	memmove(p->table, table, length * sizeof(*table)); /* may be our own */
	p->options = *options;
	p->options.table = p->table;
	p->options.table_length = length;
}

struct tm_pmtu *tm_pmtu_new(size_t max_entries, const uint8_t seed[16], const struct tm_pmtu_options *options)
{
	struct tm_pmtu *p = NULL;

	if (max_entries >= 1 && max_entries <= TM_PMTU_ENTRIES_MAX)
		p = calloc(1, sizeof(*p));
	if (p && !tm_pmtu_store_init(&p->store, max_entries, seed)) {
		free(p);
		return NULL;
	}
	if (p)
		take_options(p, options);
	return p;
}

void tm_pmtu_free(struct tm_pmtu *p)
{
	if (p)
		tm_pmtu_store_free(&p->store);
	free(p);
}

void tm_pmtu_on_change(struct tm_pmtu *p, tm_pmtu_changed *changed, void *ctx)
{
	p->changed = changed;
	p->ctx = ctx;
}

void tm_pmtu_set_options(struct tm_pmtu *p, const struct tm_pmtu_options *options)
{
	take_options(p, options);
}

const struct tm_pmtu_options *tm_pmtu_get_options(const struct tm_pmtu *p)
{
	return &p->options;
}

uint64_t tm_pmtu_time(struct tm_pmtu *p, uint64_t now_ms)
{
	uint64_t now = now_ms < TM_PMTU_TIME_MAX - TM_PMTU_ZERO ? now_ms + TM_PMTU_ZERO : TM_PMTU_TIME_MAX;

	if (p->now < now)
		p->now = now;
	return p->now;
}

uint64_t tm_pmtu_due(const struct tm_pmtu *p, const struct tm_pmtu_slot *slot)
{
	if (p->disabled_at || !p->options.aging_s || slot->state == TM_PMTU_STATIC)
		return 0;
	return slot->since + (slot->state == TM_PMTU_RAISING ? TM_PMTU_RAISE_MS : (uint64_t)p->options.aging_s * 1000);
}

/* A time of a slot as the caller has times; what was due before his zero is due at 1. */
static uint64_t deadline_ms(uint64_t due)
{
	if (!due)
		return 0;
	return due > TM_PMTU_ZERO ? due - TM_PMTU_ZERO : 1;
}

void tm_pmtu_entry_of(const struct tm_pmtu *p, const struct tm_pmtu_slot *slot, struct tm_pmtu_entry *entry)
{
	*entry = (struct tm_pmtu_entry){
		.path = { .ipv6 = slot->ipv6, .tag = slot->tag },
		.pmtu = slot->pmtu,
		.mss = slot->pmtu - tm_pmtu_headers(slot->ipv6),
		.ceiling = slot->ceiling,
		.nodf = slot->nodf,
		.state = slot->state,
		.origin = slot->origin,
		.deadline_ms = deadline_ms(tm_pmtu_due(p, slot)),
		.last_ptb_ms = (int64_t)slot->since - (int64_t)slot->late * TM_PMTU_LATE_MS - (int64_t)TM_PMTU_ZERO,
		.hits = slot->hits,
	};
	memcpy(entry->path.addr, slot->addr, sizeof(slot->addr));
	memcpy(entry->reporter, slot->reporter, sizeof(slot->reporter));
}

void tm_pmtu_tell(struct tm_pmtu *p, const struct tm_pmtu_slot *slot, enum tm_pmtu_change change)
{
	struct tm_pmtu_entry entry;

	if (!p->changed)
		return;
	tm_pmtu_entry_of(p, slot, &entry);
	p->changed(p->ctx, &entry, change);
}

void tm_pmtu_remove(struct tm_pmtu *p, uint32_t number, enum tm_pmtu_change change)
{
	struct tm_pmtu_entry entry;

	tm_pmtu_entry_of(p, tm_pmtu_slot(&p->store, number), &entry);
	tm_pmtu_store_remove(&p->store, number);
	entry.state = TM_PMTU_NONE;
	entry.pmtu = entry.ceiling;
	entry.mss = entry.ceiling - tm_pmtu_headers(entry.path.ipv6);
	entry.nodf = false;
	entry.deadline_ms = 0;
	if (p->changed)
		p->changed(p->ctx, &entry, change);
}

bool tm_pmtu_find(const struct tm_pmtu *p, const struct tm_path *path, struct tm_pmtu_entry *entry)
{
	uint32_t number = tm_pmtu_store_find(&p->store, path);

	if (number && entry)
		tm_pmtu_entry_of(p, tm_pmtu_slot(&p->store, number), entry);
	return number;
}

/* The entry that can best be spared: the one whose information ends first. 0: all are static. */
static uint32_t nearest_end(const struct tm_pmtu *p)
{
	const struct tm_pmtu_store *s = &p->store;
	uint32_t a = s->queues[TM_PMTU_REDUCED].oldest, b = s->queues[TM_PMTU_RAISING].oldest;
	const struct tm_pmtu_slot *x, *y;

	if (!a || !b)
		return a ? a : b;
	x = tm_pmtu_slot(s, a);
	y = tm_pmtu_slot(s, b);
	if (tm_pmtu_due(p, x))
		return tm_pmtu_due(p, x) <= tm_pmtu_due(p, y) ? a : b;
	return x->since <= y->since ? a : b;
}

uint32_t tm_pmtu_make(struct tm_pmtu *p, const struct tm_path *path, enum tm_pmtu_state state)
{
	uint32_t number = tm_pmtu_store_add(&p->store, path, state), victim;

	if (number)
		return number;
	victim = nearest_end(p);
	if (!victim)
		return 0;
	tm_pmtu_remove(p, victim, TM_PMTU_EVICTED);
	p->counts.evicted++;
	return tm_pmtu_store_add(&p->store, path, state);
}

enum tm_pmtu_outcome tm_pmtu_set_static(struct tm_pmtu *p, const struct tm_path *path, uint32_t mtu, uint64_t now_ms)
{
	uint16_t floor = tm_pmtu_floor(path->ipv6);
	struct tm_pmtu_slot *slot;
	uint32_t number;

	if (mtu < (path->ipv6 ? TM_PMTU_FLOOR6 : TM_PMTU_MIN4) || mtu > UINT16_MAX)
		return TM_PMTU_BELOW_MINIMUM;
	number = tm_pmtu_store_find(&p->store, path);
	if (number)
		tm_pmtu_store_move(&p->store, number, TM_PMTU_STATIC);
	else
		number = tm_pmtu_make(p, path, TM_PMTU_STATIC);
	if (!number)
		return TM_PMTU_FULL;
	slot = tm_pmtu_slot(&p->store, number);
	slot->since = tm_pmtu_time(p, now_ms);
	slot->late = 0;
	slot->pmtu = mtu > floor ? mtu : floor;
	slot->nodf = mtu < floor;
	slot->origin = TM_PMTU_SET;
	memset(slot->reporter, 0, sizeof(slot->reporter));
	if (!slot->ceiling)
		slot->ceiling = UINT16_MAX;
	tm_pmtu_tell(p, slot, TM_PMTU_NEW_VALUE);
	return TM_PMTU_LOWERED;
}

bool tm_pmtu_set_ceiling(struct tm_pmtu *p, const struct tm_path *path, uint16_t ceiling)
{
	uint32_t number = tm_pmtu_store_find(&p->store, path);
	struct tm_pmtu_slot *slot;

	if (!number)
		return false;
	slot = tm_pmtu_slot(&p->store, number);
	slot->ceiling = tm_pmtu_ceiling(path->ipv6, ceiling, 0);
	if (slot->state == TM_PMTU_STATIC || slot->pmtu < slot->ceiling || slot->nodf)
		tm_pmtu_tell(p, slot, TM_PMTU_RESTARTED);
	else
		tm_pmtu_remove(p, number, TM_PMTU_DELETED);
	return true;
}

bool tm_pmtu_delete(struct tm_pmtu *p, const struct tm_path *path)
{
	uint32_t number = tm_pmtu_store_find(&p->store, path);

	if (number)
		tm_pmtu_remove(p, number, TM_PMTU_DELETED);
	return number;
}

/* tag NULL: of every tag */
static size_t drop(struct tm_pmtu *p, const uint32_t *tag, bool static_too)
{
	size_t dropped = 0;

	for (uint32_t number = 1; number <= p->store.fresh; number++) {
		const struct tm_pmtu_slot *slot = tm_pmtu_slot(&p->store, number);

		if (slot->state == TM_PMTU_NONE || (slot->state == TM_PMTU_STATIC && !static_too) ||
		    (tag && slot->tag != *tag))
			continue;
		tm_pmtu_remove(p, number, TM_PMTU_DELETED);
		dropped++;
	}
	return dropped;
}

size_t tm_pmtu_flush(struct tm_pmtu *p, bool static_too)
{
	return drop(p, NULL, static_too);
}

size_t tm_pmtu_drop_tag(struct tm_pmtu *p, uint32_t tag, bool static_too)
{
	return drop(p, &tag, static_too);
}

void tm_pmtu_disable(struct tm_pmtu *p, uint64_t now_ms)
{
	uint64_t now = tm_pmtu_time(p, now_ms);

	if (!p->disabled_at)
		p->disabled_at = now;
}

/* Later by `ms`, for a timer that stood still for so long; the last PTB stays where it was, nearly. */
static void postpone(struct tm_pmtu_slot *slot, uint64_t ms)
{
	uint64_t late = slot->late + ms / TM_PMTU_LATE_MS, since = slot->since + ms;

	slot->late = late < TM_PMTU_LATE_MAX ? late : TM_PMTU_LATE_MAX;
	slot->since = since < TM_PMTU_TIME_MAX ? since : TM_PMTU_TIME_MAX;
}

void tm_pmtu_enable(struct tm_pmtu *p, uint64_t now_ms)
{
	uint64_t now = tm_pmtu_time(p, now_ms);

	if (!p->disabled_at)
		return;
	for (uint32_t number = 1; now != p->disabled_at && number <= p->store.fresh; number++) {
		struct tm_pmtu_slot *slot = tm_pmtu_slot(&p->store, number);

		if (slot->state == TM_PMTU_REDUCED || slot->state == TM_PMTU_RAISING)
			postpone(slot, now - p->disabled_at);
	}
	p->disabled_at = 0;
}

bool tm_pmtu_enabled(const struct tm_pmtu *p)
{
	return !p->disabled_at;
}

void tm_pmtu_count(const struct tm_pmtu *p, struct tm_pmtu_counts *counts)
{
	*counts = p->counts;
	counts->entries = 0;
	for (int state = TM_PMTU_NONE; state <= TM_PMTU_STATIC; state++) {
		counts->by_state[state] = p->store.queues[state].count;
		counts->entries += counts->by_state[state];
	}
	counts->bytes = sizeof(*p) + tm_pmtu_store_bytes(&p->store);
}

size_t tm_pmtu_walk(const struct tm_pmtu *p, uint32_t *cursor, struct tm_pmtu_entry *entries, size_t n)
{
	size_t count = 0;

	while (count < n && *cursor < p->store.fresh) {
		const struct tm_pmtu_slot *slot = tm_pmtu_slot(&p->store, ++*cursor);

		if (slot->state != TM_PMTU_NONE)
			tm_pmtu_entry_of(p, slot, &entries[count++]);
	}
	return count;
}
