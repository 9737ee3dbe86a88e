/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring of events of one hook. It has one reader at a time, who holds a lock on the hook's directory; the kernel's watch word runs
 * out IO_RING_LEASE_MS after it was set last, so nothing is left behind by a reader that was killed.
 */
#ifndef IO_EVENT_RING_H
#define IO_EVENT_RING_H

#include "hook.h"
#include "lib/report/event.h"

#define IO_RING_LEASE_MS 3000

/* The event is the callback's only until it returns. */
typedef void (*io_events_take)(void *ctx, const struct tm_event *event);

struct ring_buffer;

struct io_ring {
	struct io_hook_meta meta;
	struct io_maps maps; /* taken over from the hook */
	int lock; /* the hook's directory */
	uint32_t rules_id, events_id; /* of the maps */
	struct ring_buffer *ring;
	const struct tm_rules_map *head; /* of the rules, mapped */
	struct tm_image image; /* of what generation: for the names of prefixes */
	uint32_t generation;
	uint64_t left_out; /* what was told of it so far */
	uint64_t until; /* the watch word holds, CLOCK_MONOTONIC in ns */
	uint64_t offset; /* from that clock to the time since 1970, at this reading */
	io_events_take take;
	void *ctx;
};

/*
 * Opens the ring of a hook and takes its maps over; what was left in it is thrown away. 0 or −errno with *e filled: -EBUSY another reader
 * has it, -EOPNOTSUPP the hook has none. Nothing is taken over then.
 */
int io_ring_open(struct io_ring *r, const struct io_bpffs *fs, struct io_hook *hook, struct tm_error *e);

/* Whether an open hook is still the one that the ring is of. Where only its rules have another map, that one is taken over. */
bool io_ring_is_of(struct io_ring *r, struct io_hook *hook);

/* For poll(). */
int io_ring_fd(const struct io_ring *r);

/*
 * Has the kernel tell of these reasons (1 << reason) for another IO_RING_LEASE_MS. Returns for how long (ms) nothing was told because
 * this came too late, 0 for not at all; −errno with *e filled.
 */
int io_ring_renew(struct io_ring *r, uint32_t reasons, struct tm_error *e);

/* Hands on what has come. */
void io_ring_read(struct io_ring *r, io_events_take take, void *ctx);

/* How many events the kernel left out since this was asked last. */
uint64_t io_ring_left_out(struct io_ring *r);

/* Ends the watch; then hands on what is still there (`take` may be null). To be followed by io_ring_left_out() and io_ring_close(). */
void io_ring_end(struct io_ring *r, io_events_take take, void *ctx);

void io_ring_close(struct io_ring *r);

#endif
