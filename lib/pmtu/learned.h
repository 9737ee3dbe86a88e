/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing the table of learned paths that the packet path reads (core/learned.h). There is one writer at a time. Whatever moment it
 * stops at, readers find for an address the MTU that was set for it, or none.
 */
#ifndef TM_LEARNED_H
#define TM_LEARNED_H

#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"

#include "core/learned.h"

/* The table stays in memory that the caller gave, and keeps. */
struct tm_learned {
	struct pk_learned_head *head;
	struct pk_learned *slots;
	uint32_t capacity; /* entries that it takes */
	uint32_t turn; /* makes the word of each new key another one */
	uint64_t refused; /* entries that found no room */
	uint32_t *nodf; /* NULL, or where the number of nodf entries is told, too (struct tm_learn_state) */
};

/* One path. */
struct tm_learned_path {
	uint8_t address[16]; /* network order; IPv4 in the first four bytes */
	bool ipv6;
	uint32_t tag; /* index of the hook's device */
};

struct tm_learned_value {
	uint16_t mtu; /* bytes, not 0 */
	bool nodf; /* packets towards it get no DF */
	uint64_t until; /* CLOCK_BOOTTIME in ms: not in force from then on, at most 1.1 s later */
};

/* Forever, as far as the lease goes. */
#define TM_LEARNED_ALWAYS UINT64_MAX

/* Lines of a table for so many entries. */
uint32_t tm_learned_lines(uint32_t capacity);

/* Bytes of it. */
size_t tm_learned_size(uint32_t capacity);

/*
 * Takes over a table: `size` bytes that are zero, or that an earlier writer left, whose entries are forgotten. `seed` is random.
 * 0, or -EINVAL where no table fits.
 */
int tm_learned_open(struct tm_learned *t, void *memory, size_t size, const uint64_t seed[2], bool symmetric);

/*
 * For readers in user space: what lies in memory that a table was opened in; NULL head where there is none. `lines` is what fits,
 * whatever the memory says.
 */
struct pk_learned_table tm_learned_table(const void *memory, size_t size);

/* The MTU of a path that readers find there now (CLOCK_MONOTONIC in ns); 0: none in force. */
uint16_t tm_learned_mtu(const struct pk_learned_table *t, const struct tm_learned_path *path, uint64_t now);

/* Sets or changes one. 0, or -ENOSPC where it is full, or where too many others are about the same place. */
int tm_learned_set(struct tm_learned *t, const struct tm_learned_path *path, const struct tm_learned_value *value);

/* Whether there was one. */
bool tm_learned_delete(struct tm_learned *t, const struct tm_learned_path *path);

/* What is there, in force or not. */
bool tm_learned_get(const struct tm_learned *t, const struct tm_learned_path *path, struct tm_learned_value *value);

void tm_learned_clear(struct tm_learned *t);

void tm_learned_set_symmetric(struct tm_learned *t, bool symmetric);

/*
 * Until when (CLOCK_BOOTTIME in ms) all of it is in force, and by how many ns CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC: the machine
 * may have slept since the last time.
 */
void tm_learned_lease(struct tm_learned *t, uint64_t until, uint64_t asleep);

/* How many entries are in it. */
static inline uint32_t tm_learned_count(const struct tm_learned *t)
{
	return t->head->count;
}

#endif
