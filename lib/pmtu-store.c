/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of the path-MTU engine in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/pmtu-store.h"

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

static uint64_t hash_of(const struct tm_pmtu_store *s, const struct key *key)
{
	return tm_siphash(&s->key, key->words, 3);
}

/* The line where a hash belongs. */
static uint32_t line_of(const struct tm_pmtu_store *s, uint64_t hash)
{
	return (hash >> 32) * s->line_count >> 32;
}

static uint32_t line_behind(const struct tm_pmtu_store *s, uint32_t line)
{
	return line + 1 == s->line_count ? 0 : line + 1;
}

static bool is_full(const struct tm_pmtu_line *line)
{
	return line->words[TM_PMTU_LINE - 1];
}

/* The bits of a hash that are in a word; never 0, as those of no word are. */
static uint32_t mark_of(uint64_t hash)
{
	return hash & 0xff ? (hash & 0xff) << 24 : 1 << 24;
}

enum { NUMBER = (1 << 24) - 1 };

/* A bit for each word of a line that has the mark. Without branches: which one it is cannot be predicted. */
static uint32_t marked(const struct tm_pmtu_line *line, uint32_t mark)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < TM_PMTU_LINE; i++)
		bits |= (uint32_t)((line->words[i] & ~NUMBER) == mark) << i;
	return bits;
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
	uint64_t hash = hash_of(s, &key);

	for (uint32_t l = line_of(s, hash);; l = line_behind(s, l)) {
		const struct tm_pmtu_line *line = &s->lines[l];

		for (uint32_t bits = marked(line, mark_of(hash)); bits; bits &= bits - 1) {
			uint32_t number = line->words[__builtin_ctz(bits)] & NUMBER;

			if (is_at(tm_pmtu_slot(s, number), &key))
				return number;
		}
		if (!is_full(line))
			return 0;
	}
}

static void put_word(struct tm_pmtu_line *line, uint32_t word)
{
	unsigned i = 0;

	while (line->words[i])
		i++;
	line->words[i] = word;
}

static void index_slot(struct tm_pmtu_store *s, uint32_t number, uint64_t hash)
{
	uint32_t line = line_of(s, hash);

	while (is_full(&s->lines[line]))
		line = line_behind(s, line);
	put_word(&s->lines[line], mark_of(hash) | number);
}

/* Takes a word out; the last one gets its place. */
static void take_word(struct tm_pmtu_line *line, unsigned at)
{
	unsigned last = TM_PMTU_LINE - 1;

	while (!line->words[last])
		last--;
	line->words[at] = line->words[last];
	line->words[last] = 0;
}

static uint64_t hash_of_slot(const struct tm_pmtu_store *s, uint32_t number)
{
	const struct tm_pmtu_slot *slot = tm_pmtu_slot(s, number);
	struct key key = key_of(slot->addr, slot->ipv6, slot->tag);

	return hash_of(s, &key);
}

/* How many lines behind `from` a line is. */
static uint32_t distance(const struct tm_pmtu_store *s, uint32_t from, uint32_t to)
{
	return to >= from ? to - from : to + s->line_count - from;
}

/* The place in a line of a word that has gone by `gap` on its way from where it belongs; -1: none. */
static int find_passer(const struct tm_pmtu_store *s, uint32_t line, uint32_t gap)
{
	for (int i = 0; i < TM_PMTU_LINE && s->lines[line].words[i]; i++) {
		uint32_t home = line_of(s, hash_of_slot(s, s->lines[line].words[i] & NUMBER));

		if (distance(s, home, line) >= distance(s, gap, line))
			return i;
	}
	return -1;
}

/* A line that was full has room now: one that has gone by because of that comes back, or it would not be found. */
static void fill_gap(struct tm_pmtu_store *s, uint32_t gap)
{
	uint32_t line = line_behind(s, gap);

	while (line != gap) {
		bool was_full = is_full(&s->lines[line]);
		int at = find_passer(s, line, gap);

		if (at >= 0) {
			put_word(&s->lines[gap], s->lines[line].words[at]);
			take_word(&s->lines[line], at);
			gap = line;
		}
		if (!was_full)
			return;
		line = line_behind(s, line);
	}
}

static void unindex_slot(struct tm_pmtu_store *s, uint32_t number)
{
	uint32_t line = line_of(s, hash_of_slot(s, number));

	for (;; line = line_behind(s, line)) {
		bool was_full = is_full(&s->lines[line]);

		for (unsigned i = 0; i < TM_PMTU_LINE; i++) {
			if ((s->lines[line].words[i] & NUMBER) != number)
				continue;
			take_word(&s->lines[line], i);
			if (was_full)
				fill_gap(s, line);
			return;
		}
	}
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
	struct key key = key_of(path->addr, path->ipv6, path->tag);
	uint32_t number = take_number(s);
	struct tm_pmtu_slot *slot;

	if (!number)
		return 0;
	slot = tm_pmtu_slot(s, number);
	*slot = (struct tm_pmtu_slot){ .tag = path->tag, .ipv6 = path->ipv6 };
	memcpy(slot->addr, key.words, sizeof(slot->addr));
	index_slot(s, number, hash_of(s, &key));
	enqueue(s, number, state);
	return number;
}

void tm_pmtu_store_remove(struct tm_pmtu_store *s, uint32_t number)
{
	struct tm_pmtu_slot *slot = tm_pmtu_slot(s, number);

	unindex_slot(s, number);
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
