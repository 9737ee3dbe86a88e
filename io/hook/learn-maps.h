/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of path MTU discovery, one set for all hooks of a network namespace, pinned in a directory beside those of the hooks
 * (/sys/fs/bpf/tcpmss/<network namespace>/+~, no name for a hook):
 *
 *	learned		the table of learned paths (core/learned.h), mapped writable by the learner (lib/pmtu/learned.h)
 *	learn		the ring of records (bpf/learn-record.h), read by the learner (io/hook/learn-ring.h)
 *	watched		flows whose segments are recorded
 *	state		struct tm_learn_state
 *	learning	struct tm_bpf_learning of each CPU
 */
#ifndef IO_LEARN_MAPS_H
#define IO_LEARN_MAPS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/config.h"
#include "io/bpf/bpffs.h"
#include "lib/error.h"
#include "lib/pmtu/learned.h"

#define IO_LEARN_DIR "+~"

/* Open maps. Descriptors are the struct's, -1: none. */
struct io_learn_maps {
	int learned;
	int ring;
	int watched;
	int state;
	int learning;
	uint32_t lines; /* of the table */
	uint32_t id; /* of the table's map */
};

#define IO_NO_LEARN_MAPS \
	((struct io_learn_maps){ .learned = -1, .ring = -1, .watched = -1, .state = -1, .learning = -1 })

/* Creates them, not pinned. 0 or −errno with *e filled. io_learn_maps_close() in either case. */
int io_learn_maps_create(struct io_learn_maps *maps, uint32_t capacity, struct tm_error *e);

void io_learn_maps_close(struct io_learn_maps *maps);

/* Opens those that are pinned in this network namespace. -ENOENT with *e filled where there are none. io_learn_maps_close(). */
int io_learn_maps_open(struct io_learn_maps *maps, struct tm_error *e);

/*
 * The same, and makes and pins those that are not there. A table that takes fewer entries than `capacity` is made anew, empty: hooks go
 * on with the old one until they are attached again. 0 or −errno with *e filled. io_learn_maps_close().
 */
int io_learn_maps_ensure(struct io_learn_maps *maps, uint32_t capacity, struct tm_error *e);

/* Removes the pins if no hook of this network namespace learns. 0 or −errno with *e filled. */
int io_learn_maps_release(struct tm_error *e);

/* Pins open maps where they are not, on an open file system whose lock is held. 0 or −errno with *e filled. */
int io_learn_maps_pin(const struct io_bpffs *fs, const struct io_learn_maps *maps, struct tm_error *e);

/* Removes the pins, likewise. */
void io_learn_maps_unpin(const struct io_bpffs *fs);

/* The table, for its writer (PROT_WRITE) or readers: *size bytes, munmap() by the caller; NULL with *e filled. */
void *io_learn_maps_table(int learned, int prot, size_t *size, struct tm_error *e);

/* The state, likewise; sizeof(struct tm_learn_state) bytes. */
struct tm_learn_state *io_learn_maps_state(int state, struct tm_error *e);

/* What all CPUs counted, in one. 0 or −errno. */
int io_learn_maps_counters(int learning, struct tm_bpf_learning *sum);

#endif
