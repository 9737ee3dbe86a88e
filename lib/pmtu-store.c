/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of the path-MTU engine in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/pmtu-store.h"

bool tm_pmtu_store_init(struct tm_pmtu_store *s, uint32_t max, const uint8_t seed[16])
{
	*s = (struct tm_pmtu_store){ .max = max, .head_count = max - max / 5 };
	memcpy(&s->key, seed, sizeof(s->key));
	s->heads = calloc(s->head_count, sizeof(*s->heads));
	s->chunks = calloc((max - 1) / TM_PMTU_CHUNK + 1, sizeof(*s->chunks));
	if (s->heads && s->chunks)
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
	free(s->heads);
}

/* Slots in a chunk; the last one holds no more than max needs. */
static size_t chunk_slots(const struct tm_pmtu_store *s, size_t chunk)
{
	size_t left = s->max - chunk * TM_PMTU_CHUNK;

	return left < TM_PMTU_CHUNK ? left : TM_PMTU_CHUNK;
}

size_t tm_pmtu_store_bytes(const struct tm_pmtu_store *s)
{
	size_t bytes = s->head_count * sizeof(*s->heads) + ((s->max - 1) / TM_PMTU_CHUNK + 1) * sizeof(*s->chunks);

	for (size_t i = 0; i < chunks_used(s); i++)
		bytes += chunk_slots(s, i) * sizeof(struct tm_pmtu_slot);
	return bytes;
}

/* What of a path is compared and hashed; of an IPv4 address nothing behind its four bytes. */
struct key {
	uint64_t words[3];
};

static struct key key_of(const uint8_t addr[16], bool ipv6, uint32_t tag)
{
	struct key key = { { 0, 0, (uint64_t)ipv6 << 32 | tag } };

	memcpy(key.words, addr, ipv6 ? 16 : 4);
	return key;
}

static uint32_t *head_of(const struct tm_pmtu_store *s, const struct key *key)
{
	return &s->heads[(tm_siphash(&s->key, key->words, 3) >> 32) * s->head_count >> 32];
}

static bool is_at(const struct tm_pmtu_slot *slot, const struct key *key)
{
	uint64_t words[2];

	memcpy(words, slot->addr, 16);
	return words[0] == key->words[0] && words[1] == key->words[1] &&
	       ((uint64_t)slot->ipv6 << 32 | slot->tag) == key->words[2];
}

uint32_t tm_pmtu_store_find(const struct tm_pmtu_store *s, const struct tm_path *path)
{
	struct key key = key_of(path->addr, path->ipv6, path->tag);
	uint32_t number = *head_of(s, &key);

	while (number && !is_at(tm_pmtu_slot(s, number), &key))
		number = tm_pmtu_slot(s, number)->next;
	return number;
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
		s->unused = tm_pmtu_slot(s, number)->next;
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
	struct key key = key_of(path->addr, path->ipv6, path->tag);
	uint32_t number = take_number(s), *head = head_of(s, &key);
	struct tm_pmtu_slot *slot;

	if (!number)
		return 0;
	slot = tm_pmtu_slot(s, number);
	*slot = (struct tm_pmtu_slot){ .tag = path->tag, .ipv6 = path->ipv6, .next = *head };
	memcpy(slot->addr, key.words, sizeof(slot->addr));
	*head = number;
	enqueue(s, number, state);
	return number;
}

void tm_pmtu_store_remove(struct tm_pmtu_store *s, uint32_t number)
{
	struct tm_pmtu_slot *slot = tm_pmtu_slot(s, number), *before;
	struct key key = key_of(slot->addr, slot->ipv6, slot->tag);
	uint32_t *head = head_of(s, &key);

	dequeue(s, number);
	if (*head == number) {
		*head = slot->next;
	} else {
		for (before = tm_pmtu_slot(s, *head); before->next != number;)
			before = tm_pmtu_slot(s, before->next);
		before->next = slot->next;
	}
	slot->state = TM_PMTU_NONE;
	slot->next = s->unused;
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
