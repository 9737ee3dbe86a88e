/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the path-MTU engine keeps its entries: 60 bytes each in chunks, found by a hash with chains, and each in the queue of its
 * state, whose oldest is due first. Only lib/pmtu*.c use it.
 */
#ifndef TM_PMTU_STORE_H
#define TM_PMTU_STORE_H

#include "lib/pmtu.h"
#include "lib/siphash.h"

/*
 * Times are milliseconds less than 2^42 (a time of day fits), from 2^38 ms (8 years) before the clock's own zero: what a file tells can be older than that.
 * A slot is in use where its state is not none.
 */
#define TM_PMTU_ZERO (UINT64_C(1) << 38)
#define TM_PMTU_TIME_MAX ((UINT64_C(1) << 42) - 1)
#define TM_PMTU_LATE_MAX ((1 << 22) - 1)

struct tm_pmtu_slot {
	uint8_t addr[16];
	uint8_t reporter[16];
	uint32_t tag;
	uint64_t next : 24; /* of the same hash, or free */
	uint64_t newer : 24; /* in its queue */
	uint64_t pmtu : 16;
	uint64_t older : 24;
	uint64_t since : 42; /* what its deadline counts from: the last PTB, or the last raise */
	uint64_t ceiling : 16;
	uint64_t late : 22; /* seconds from the last PTB until `since` */
	uint64_t hits : 16;
	uint64_t ipv6 : 1;
	uint64_t nodf : 1;
	uint64_t state : 2;
	uint64_t origin : 3;
} __attribute__((packed, aligned(4)));

_Static_assert(sizeof(struct tm_pmtu_slot) == 60, "an entry and its share of the hash have 64 bytes");

enum { TM_PMTU_CHUNK = 4096 }; /* slots */

/* Slots have numbers from 1; 0 is none. */
struct tm_pmtu_queue {
	uint32_t oldest, newest;
	size_t count;
};

struct tm_pmtu_store {
	struct tm_sipkey key;
	uint32_t *heads; /* of chains */
	uint32_t head_count;
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
