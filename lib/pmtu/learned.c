/* SPDX-License-Identifier: BSD-2-Clause */
#include "learned.h"

#include <errno.h>
#include <string.h>

/* Half of the slots stay free: that keeps runs short, and a lookup of what is not there to a line or two. */
#define SLOTS_AN_ENTRY 2

uint32_t tm_learned_lines(uint32_t capacity)
{
	return (uint32_t)(((uint64_t)capacity * SLOTS_AN_ENTRY + PK_LEARNED_LINE - 1) / PK_LEARNED_LINE);
}

size_t tm_learned_size(uint32_t capacity)
{
	return PK_LEARNED_SIZE(tm_learned_lines(capacity));
}

struct pk_learned_table tm_learned_table(const void *memory, size_t size)
{
	struct pk_learned_table t = { NULL, 0 };

	if (size < PK_LEARNED_SIZE(1))
		return t;
	t.head = memory;
	t.lines = (size - PK_LEARNED_SIZE(0)) / (PK_LEARNED_LINE * sizeof(struct pk_learned));
	return t;
}

static uint64_t slot_count(const struct tm_learned *t)
{
	return ((uint64_t)t->head->lines + PK_LEARNED_SPARE) * PK_LEARNED_LINE;
}

/* Readers see what was stored before it, too. */
static void store(__u64 *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static void store32(__u32 *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static void set_nodf(struct tm_learned *t, uint32_t count)
{
	store32(&t->head->nodf, count);
	if (t->nodf)
		store32(t->nodf, count);
}

int tm_learned_open(struct tm_learned *t, void *memory, size_t size, const uint64_t seed[2], bool symmetric)
{
	struct pk_learned_table table = tm_learned_table(memory, size);

	if (!table.head || table.lines > UINT32_MAX)
		return -EINVAL;
	*t = (struct tm_learned){ .head = memory,
				  .slots = (struct pk_learned *)((struct pk_learned_head *)memory + 1) };
	t->capacity = (uint32_t)(table.lines * PK_LEARNED_LINE / SLOTS_AN_ENTRY);
	/* What the writer before left may be half done; and under another seed nothing of it would be found. */
	store32(&t->head->lease, 0);
	store32(&t->head->lines, (uint32_t)table.lines);
	tm_learned_clear(t);
	store(&t->head->seed[0], seed[0]);
	store(&t->head->seed[1], seed[1]);
	t->turn = (uint32_t)(seed[0] >> 40);
	tm_learned_set_symmetric(t, symmetric);
	return 0;
}

void tm_learned_clear(struct tm_learned *t)
{
	uint64_t slots = slot_count(t);

	set_nodf(t, 0);
	store32(&t->head->count, 0);
	for (uint64_t i = 0; i < slots; i++)
		if (t->slots[i].value)
			store(&t->slots[i].value, 0);
}

void tm_learned_set_symmetric(struct tm_learned *t, bool symmetric)
{
	store32(&t->head->symmetric, symmetric);
}

static uint32_t ticks(uint64_t ms)
{
	uint64_t tick;

	if (ms > UINT64_MAX / 1000000)
		return UINT32_MAX;
	tick = (ms * 1000000 + (1ull << PK_LEARNED_TICK) - 1) >> PK_LEARNED_TICK;
	return tick > UINT32_MAX ? UINT32_MAX : (uint32_t)tick;
}

void tm_learned_lease(struct tm_learned *t, uint64_t until, uint64_t asleep)
{
	store(&t->head->asleep, asleep);
	store32(&t->head->lease, ticks(until));
}

static struct pk_learned key_of(const struct tm_learned_path *path)
{
	struct pk_learned key = { .where = pk_learned_where(path->ipv6 ? PK_IPV6 : PK_IPV4, path->tag) };

	if (path->ipv6) {
		key.high = pk_get64(path->address);
		key.low = pk_get64(path->address + 8);
	} else {
		key.high = (uint64_t)pk_get32(path->address) << 32;
	}
	return key;
}

uint16_t tm_learned_mtu(const struct pk_learned_table *t, const struct tm_learned_path *path, uint64_t now)
{
	const struct pk_learned entry = key_of(path);
	const struct pk_key key = { entry.high, entry.low };
	uint64_t value = t->head && t->head->count ? pk_learned_find(t, &key, entry.where) : 0;

	return value && pk_learned_holds(t->head, value, now) ? PK_LEARNED_MTU(value) : 0;
}

/* Index of the first slot where a key may be. */
static uint64_t home_of(const struct tm_learned *t, const struct pk_learned *key)
{
	struct pk_learned_table table = { t->head, t->head->lines };
	struct pk_key address = { key->high, key->low };

	return pk_learned_home(&table, &address, key->where) * PK_LEARNED_LINE;
}

/* The slot of a key, or where it is not there the free one that it may have, or where there is none, NULL. */
static struct pk_learned *find(const struct tm_learned *t, const struct pk_learned *key)
{
	struct pk_learned *first = t->slots + home_of(t, key);

	for (int i = 0; i < PK_LEARNED_PROBES; i++) {
		struct pk_learned *e = first + i;

		if (!e->value || (e->high == key->high && e->low == key->low && e->where == key->where))
			return e;
	}
	return NULL;
}

/* A word that no reader takes for the value of any key, and that does not end its search. */
static uint64_t busy(struct tm_learned *t)
{
	return 1ull << 32 | (++t->turn & PK_LEARNED_TURNS);
}

/* Gives a slot another key and word. Its word says that nothing is there: 0 or busy(). */
static void put(struct tm_learned *t, struct pk_learned *slot, const struct pk_learned *key, uint64_t value)
{
	/* Not before that is seen: a release orders only what comes before it. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	store(&slot->high, key->high);
	store(&slot->low, key->low);
	store(&slot->where, key->where);
	store(&slot->value, (value & ~(uint64_t)PK_LEARNED_TURNS) | (++t->turn & PK_LEARNED_TURNS));
}

static void count_nodf(struct tm_learned *t, uint64_t old, uint64_t new)
{
	uint32_t nodf = t->head->nodf + !!(new &PK_LEARNED_NODF) - !!(old & PK_LEARNED_NODF);

	if (nodf != t->head->nodf)
		set_nodf(t, nodf);
}

int tm_learned_set(struct tm_learned *t, const struct tm_learned_path *path, const struct tm_learned_value *value)
{
	struct pk_learned key = key_of(path), *slot = find(t, &key);
	uint64_t word = (uint64_t)ticks(value->until) << 32 | (uint32_t)value->mtu << 16 |
			(value->nodf ? PK_LEARNED_NODF : 0);

	if (!value->mtu)
		return -EINVAL;
	if (slot && slot->value) {
		count_nodf(t, slot->value, word);
		store(&slot->value, word | (slot->value & PK_LEARNED_TURNS));
		return 0;
	}
	if (!slot || t->head->count >= t->capacity) {
		t->refused++;
		return -ENOSPC;
	}
	put(t, slot, &key, word);
	count_nodf(t, 0, word);
	store32(&t->head->count, t->head->count + 1);
	return 0;
}

/*
 * Fills the hole with entries from behind it, which would not be found past it. Each is there twice for a moment, and then at its new
 * place only.
 */
static void close_hole(struct tm_learned *t, struct pk_learned *hole)
{
	for (struct pk_learned *e = hole + 1; e < t->slots + slot_count(t) && e->value; e++) {
		if (t->slots + home_of(t, e) > hole)
			continue;
		put(t, hole, e, e->value);
		store(&e->value, busy(t));
		hole = e;
	}
	store(&hole->value, 0);
}

bool tm_learned_delete(struct tm_learned *t, const struct tm_learned_path *path)
{
	struct pk_learned key = key_of(path), *slot = find(t, &key);

	if (!slot || !slot->value)
		return false;
	count_nodf(t, slot->value, 0);
	store32(&t->head->count, t->head->count - 1);
	store(&slot->value, busy(t));
	close_hole(t, slot);
	return true;
}

bool tm_learned_get(const struct tm_learned *t, const struct tm_learned_path *path, struct tm_learned_value *value)
{
	struct pk_learned key = key_of(path), *slot = find(t, &key);

	if (!slot || !PK_LEARNED_MTU(slot->value))
		return false;
	value->mtu = PK_LEARNED_MTU(slot->value);
	value->nodf = slot->value & PK_LEARNED_NODF;
	value->until = PK_LEARNED_UNTIL(slot->value) == UINT32_MAX ?
			       TM_LEARNED_ALWAYS :
			       ((uint64_t)PK_LEARNED_UNTIL(slot->value) << PK_LEARNED_TICK) / 1000000;
	return true;
}
