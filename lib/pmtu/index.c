/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of the path-MTU engine: from a path to the number of its entry, by a keyed hash.
 */
#include <string.h>

#include "store.h"

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

static uint64_t hash_of_slot(const struct tm_pmtu_store *s, uint32_t number)
{
	const struct tm_pmtu_slot *slot = tm_pmtu_slot(s, number);
	struct key key = key_of(slot->addr, slot->ipv6, slot->tag);

	return hash_of(s, &key);
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

void tm_pmtu_index_add(struct tm_pmtu_store *s, uint32_t number)
{
	uint64_t hash = hash_of_slot(s, number);
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

void tm_pmtu_index_remove(struct tm_pmtu_store *s, uint32_t number)
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
