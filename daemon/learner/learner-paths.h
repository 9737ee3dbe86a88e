/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the learner: the engine, what the manager has ordered of it, and the table that the datapath reads, which follows it.
 */
#ifndef DAEMON_LEARNER_PATHS_H
#define DAEMON_LEARNER_PATHS_H

#include "learning.h"
#include "lib/pmtu/learn.h"
#include "lib/pmtu/learned.h"

struct learner_paths {
	struct tm_pmtu *engine;
	struct tm_learn *learn;
	struct tm_learned table;
	struct learn_order order;
	struct tm_tag *tags;
	struct tm_static *statics; /* sorted: tm_statics_sort(); those of the configuration and those set by hand */
	size_t static_count;
	bool copying; /* the table is being made like the engine, from `copied` on */
	uint32_t copied;
	uint64_t now; /* ms of CLOCK_BOOTTIME, of this turn of the loop */
	/* Told what becomes of paths; may be NULL. `before`: the MTU that was in force, 0: none. */
	void (*changed)(void *ctx, const struct tm_pmtu_entry *e, enum tm_pmtu_change change, uint16_t before);
	void *ctx;
};

/*
 * Empty and disabled, with room for `entries`. `table` is open already; `seed`: 32 random bytes. Callbacks of learn as in lib/pmtu/learn.h.
 * 0 or −errno with *e filled.
 */
int learner_paths_open(struct learner_paths *p, uint32_t entries, const uint8_t seed[32],
		       const struct tm_learn_callbacks *callbacks, struct tm_error *e);

/* Follows an order (`length` bytes of it, checked). 0 or −errno with *e filled: nothing has changed then. */
int learner_paths_order(struct learner_paths *p, const void *bytes, size_t length, struct tm_error *e);

/* Where the table has fallen behind the engine, copies the next few thousand entries. True: there are more. */
bool learner_paths_copy(struct learner_paths *p);

/* Makes the table like the engine again, by and by. */
void learner_paths_copy_all(struct learner_paths *p);

/* By ifindex; by name. NULL: no hook learns there. */
const struct tm_tag *learner_tag(const struct learner_paths *p, uint32_t ifindex);
const struct tm_tag *learner_tag_named(const struct learner_paths *p, const char *device);

/*
 * A path with a given MTU, through a device or ("") any. 0; -EEXIST: that very path is in the configuration; -ENOSPC, -EINVAL
 * with *e filled.
 */
int learner_static_set(struct learner_paths *p, const struct tm_static *s, struct tm_error *e);

/* Adds many that were set by hand before (copied). 0 or -ENOMEM with *e filled. */
int learner_statics_add(struct learner_paths *p, const struct tm_static *list, size_t count, struct tm_error *e);

/*
 * Forgets what is known of an address, through a device or ("") any: learned, or set by hand. How many entries went; -EEXIST with *e filled
 * where the configuration has it.
 */
int learner_forget(struct learner_paths *p, bool ipv6, const uint8_t *address, const char *device, struct tm_error *e);

#endif
