/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of a hook.
 */
#ifndef IO_BPF_MAPS_H
#define IO_BPF_MAPS_H

#include <stdint.h>

#include "io/hook/learn-maps.h"
#include "lib/error.h"
#include "lib/rules.h"

/* How programs take part in path MTU discovery. */
struct io_learning {
	const struct io_learn_maps *maps; /* NULL: not at all. Theirs who opened them */
	uint32_t tag; /* whose paths: index of the hook's device, of a wire's `in` */
	bool only; /* they do nothing else */
};

/* The maps a hook keeps whatever program runs on it. File descriptors are owned by the struct; -1: none. */
struct io_maps {
	int rules;
	int counters;
	int events; /* a ring buffer (bpf/event.h); -1 in hooks of versions without it */
	int telling; /* what each CPU left out of it */
	uint32_t image_words; /* room for one image in the rules map */
	struct io_learning learning;
};

#define IO_NO_MAPS ((struct io_maps){ .rules = -1, .counters = -1, .events = -1, .telling = -1 })

/*
 * Creates the maps, with room for `image` and as much again, and writes it. 0 or −errno with *e filled. io_maps_close() in either
 * case.
 */
int io_maps_create(struct io_maps *maps, const struct tm_image *image, struct tm_error *e);

void io_maps_close(struct io_maps *maps);

/*
 * Puts an image in force at one moment: it is written beside the one in force, then the switch is thrown. -E2BIG where the
 * map has no room for it. The caller holds the lock that keeps a second writer away.
 */
int io_maps_switch(const struct io_maps *maps, const struct tm_image *image, struct tm_error *e);

/*
 * Sets the watch word of a hook until a time (CLOCK_MONOTONIC in ns), or with `reasons` 0 ends the watch. 0 or −errno with *e filled.
 */
int io_maps_watch(const struct io_maps *maps, uint32_t reasons, uint64_t until, struct tm_error *e);

/* Gives one rules map the watch word of another. */
int io_maps_keep_watch(const struct io_maps *to, const struct io_maps *from, struct tm_error *e);

/* Words of room for one image in a rules map, 0 where it cannot be told. */
uint32_t io_maps_room(int rules_fd);

/*
 * The image in force, copied out. The caller frees it (tm_image_free). 0 or −errno with *e filled.
 */
int io_maps_read(int rules_fd, struct tm_image *image, struct tm_error *e);

#endif
