/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the path-MTU engine keeps its entries: 56 bytes each in chunks, found by an index, and each in the queue of its state, whose
 * oldest is due first. Only lib/pmtu use it.
 */
#ifndef TM_PMTU_STORE_H
#define TM_PMTU_STORE_H

#include "pmtu.h"
#include "siphash.h"

/*
 * Times are milliseconds less than 2^42 (a time of day fits), from 2^38 ms (8 years) before the clock's own zero: what a file tells can be older than that.
 * A slot is in use where its state is not none.
 */
#define TM_PMTU_ZERO (UINT64_C(1) << 38)
#define TM_PMTU_TIME_MAX ((UINT64_C(1) << 42) - 1)
#define TM_PMTU_LATE_MAX ((1 << 15) - 1)
#define TM_PMTU_LATE_MS 4000

struct tm_pmtu_slot {
	uint8_t addr[16];
	uint8_t reporter[16];
	uint64_t newer : 24; /* in its queue; next of the unused ones */
	uint64_t older : 24;
	uint64_t pmtu : 16;
	uint64_t since : 42; /* what its deadline counts from: the last PTB, or the last raise */
	uint64_t late : 15; /* from the last PTB until `since`, in units of TM_PMTU_LATE_MS */
	uint64_t ipv6 : 1;
	uint64_t nodf : 1;
	uint64_t state : 2;
	uint64_t origin : 3;
	uint32_t tag;
	uint16_t ceiling;
	uint16_t hits;
};

_Static_assert(sizeof(struct tm_pmtu_slot) == 56, "with its share of the index an entry has 64 bytes at most");

enum { TM_PMTU_CHUNK = 4096 }; /* slots */

/* Slots have numbers from 1; 0 is none. */
struct tm_pmtu_queue {
	uint32_t oldest, newest;
	size_t count;
};

/*
 * A line of the index, of one line of the cache. A word is the number of a slot with 8 bits of its hash above; words come first, then
 * zeros. What finds its own line full is in one of those behind it, with none in between that has room. At most 8 of 15 words are in
 * use, so few lines are full.
 */
enum { TM_PMTU_LINE = 16 };

struct tm_pmtu_line {
	uint32_t words[TM_PMTU_LINE];
} __attribute__((aligned(64)));

struct tm_pmtu_store {
	struct tm_sipkey key;
	struct tm_pmtu_line *lines; /* the index */
	uint32_t line_count;
	void *memory; /* of the lines */
	struct tm_pmtu_slot **chunks;
	uint32_t max, fresh, unused; /* fresh: numbers ever given; unused: list of those given back */
	struct tm_pmtu_queue queues[4]; /* by state */
};

/* False without memory. */
bool tm_pmtu_store_init(struct tm_pmtu_store *s, uint32_t max, const uint8_t seed[16]);
void tm_pmtu_store_free(struct tm_pmtu_store *s);

size_t tm_pmtu_store_bytes(const struct tm_pmtu_store *s);

static inline struct tm_pmtu_slot *tm_pmtu_slot(const struct tm_pmtu_store *s, uint32_t number)
{
	return &s->chunks[(number - 1) / TM_PMTU_CHUNK][(number - 1) % TM_PMTU_CHUNK];
}

/* Of a slot that is not in the index and has its address and tag; and of one that is (pmtu-index.c). */
void tm_pmtu_index_add(struct tm_pmtu_store *s, uint32_t number);
void tm_pmtu_index_remove(struct tm_pmtu_store *s, uint32_t number);

/* Its number, or 0. */
uint32_t tm_pmtu_store_find(const struct tm_pmtu_store *s, const struct tm_path *path);

/*
 * A new one for a path that has none, in the newest place of a state's queue; all else is 0. 0 where max are there, or without
 * memory.
 */
uint32_t tm_pmtu_store_add(struct tm_pmtu_store *s, const struct tm_path *path, enum tm_pmtu_state state);

/* Its slot is another's from now on. */
void tm_pmtu_store_remove(struct tm_pmtu_store *s, uint32_t number);

/* To the newest place of a state's queue. */
void tm_pmtu_store_move(struct tm_pmtu_store *s, uint32_t number, enum tm_pmtu_state state);

/* Puts a queue into the order of `since` after entries came to it in another one. False without memory: the order is as it was. */
bool tm_pmtu_store_sort(struct tm_pmtu_store *s, enum tm_pmtu_state state);

#endif
