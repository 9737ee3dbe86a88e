/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of the path-MTU engine in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"

bool tm_pmtu_store_init(struct tm_pmtu_store *s, uint32_t max, const uint8_t seed[16])
{
	*s = (struct tm_pmtu_store){ .max = max, .line_count = max / 128 * 15 + max % 128 * 15 / 128 + 1 };
	memcpy(&s->key, seed, sizeof(s->key));
	s->memory = calloc(s->line_count + 1, sizeof(*s->lines)); /* not touched here, so no real memory yet */
	s->lines = (void *)(((uintptr_t)s->memory + sizeof(*s->lines) - 1) / sizeof(*s->lines) * sizeof(*s->lines));
	s->chunks = calloc((max - 1) / TM_PMTU_CHUNK + 1, sizeof(*s->chunks));
	if (s->memory && s->chunks)
		return true;
	tm_pmtu_store_free(s);
	return false;
}

static size_t chunks_used(const struct tm_pmtu_store *s)
{
	return ((size_t)s->fresh + TM_PMTU_CHUNK - 1) / TM_PMTU_CHUNK;
}

void tm_pmtu_store_free(struct tm_pmtu_store *s)
{
	for (size_t i = 0; s->chunks && i < chunks_used(s); i++)
		free(s->chunks[i]);
	free(s->chunks);
	free(s->memory);
}

/* Slots in a chunk; the last one holds no more than max needs. */
static size_t chunk_slots(const struct tm_pmtu_store *s, size_t chunk)
{
	size_t left = s->max - chunk * TM_PMTU_CHUNK;

	return left < TM_PMTU_CHUNK ? left : TM_PMTU_CHUNK;
}

size_t tm_pmtu_store_bytes(const struct tm_pmtu_store *s)
{
	size_t bytes =
		(s->line_count + 1) * sizeof(*s->lines) + ((s->max - 1) / TM_PMTU_CHUNK + 1) * sizeof(*s->chunks);

	for (size_t i = 0; i < chunks_used(s); i++)
		bytes += chunk_slots(s, i) * sizeof(struct tm_pmtu_slot);
	return bytes;
}

static void enqueue(struct tm_pmtu_store *s, uint32_t number, enum tm_pmtu_state state)
{
	struct tm_pmtu_slot *slot = tm_pmtu_slot(s, number);
	struct tm_pmtu_queue *q = &s->queues[state];

	slot->state = state;
	slot->newer = 0;
	slot->older = q->newest;
	if (q->newest)
		tm_pmtu_slot(s, q->newest)->newer = number;
	else
		q->oldest = number;
	q->newest = number;
	q->count++;
}

static void dequeue(struct tm_pmtu_store *s, uint32_t number)
{
	struct tm_pmtu_slot *slot = tm_pmtu_slot(s, number);
	struct tm_pmtu_queue *q = &s->queues[slot->state];

	if (slot->older)
		tm_pmtu_slot(s, slot->older)->newer = slot->newer;
	else
		q->oldest = slot->newer;
	if (slot->newer)
		tm_pmtu_slot(s, slot->newer)->older = slot->older;
	else
		q->newest = slot->older;
	q->count--;
}

void tm_pmtu_store_move(struct tm_pmtu_store *s, uint32_t number, enum tm_pmtu_state state)
{
	dequeue(s, number);
	enqueue(s, number, state);
}

/* A number whose slot may be written; 0: none is left, or no memory. */
static uint32_t take_number(struct tm_pmtu_store *s)
{
	uint32_t number = s->unused, chunk = s->fresh / TM_PMTU_CHUNK;

	if (number) {
		s->unused = tm_pmtu_slot(s, number)->newer;
		return number;
	}
	if (s->fresh == s->max)
		return 0;
	if (s->fresh % TM_PMTU_CHUNK == 0) {
		s->chunks[chunk] = malloc(chunk_slots(s, chunk) * sizeof(struct tm_pmtu_slot));
		if (!s->chunks[chunk])
			return 0;
	}
	return ++s->fresh;
}

uint32_t tm_pmtu_store_add(struct tm_pmtu_store *s, const struct tm_path *path, enum tm_pmtu_state state)
{
	uint32_t number = take_number(s);
	struct tm_pmtu_slot *slot;

	if (!number)
		return 0;
	slot = tm_pmtu_slot(s, number);
	*slot = (struct tm_pmtu_slot){ .tag = path->tag, .ipv6 = path->ipv6 };
	memcpy(slot->addr, path->addr, path->ipv6 ? 16 : 4);
	tm_pmtu_index_add(s, number);
	enqueue(s, number, state);
	return number;
}

void tm_pmtu_store_remove(struct tm_pmtu_store *s, uint32_t number)
{
	struct tm_pmtu_slot *slot = tm_pmtu_slot(s, number);

	tm_pmtu_index_remove(s, number);
	dequeue(s, number);
	slot->state = TM_PMTU_NONE;
	slot->newer = s->unused;
	s->unused = number;
}

struct place {
	uint64_t since;
	uint32_t number;
};

static int by_since(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	return a->since < b->since ? -1 : a->since > b->since;
}

bool tm_pmtu_store_sort(struct tm_pmtu_store *s, enum tm_pmtu_state state)
{
	struct tm_pmtu_queue *q = &s->queues[state];
	struct place *places = malloc((q->count + 1) * sizeof(*places));
	size_t count = 0;

	if (!places)
		return false;
	for (uint32_t n = q->oldest; n; n = tm_pmtu_slot(s, n)->newer)
		places[count++] = (struct place){ tm_pmtu_slot(s, n)->since, n };
	qsort(places, count, sizeof(*places), by_since);
	*q = (struct tm_pmtu_queue){ 0 };
	for (size_t i = 0; i < count; i++)
		enqueue(s, places[i].number, state);
	free(places);
	return true;
}
