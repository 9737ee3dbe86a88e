/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The events of all hooks of this network namespace, also of those that come later.
 */
#ifndef IO_EVENTS_H
#define IO_EVENTS_H

#include "event-ring.h"

#define IO_EVENTS_TICK_MS 500

struct io_events {
	int epoll;
	uint32_t reasons; /* 1 << reason */
	char only[IO_NAME]; /* the one hook that is watched, "": all */
	bool started; /* hooks that come from now on are told of */
	struct io_events_hook *hooks; /* a list */
};

/*
 * Prepares a watch of all hooks, or of one by name ("": all); it begins with the first io_events_tick(). 0 or −errno with *e filled
 * (-EPERM). io_events_close() in either case.
 */
int io_events_open(struct io_events *ev, const char *only, struct tm_error *e);

/* For poll(): readable when there is something for io_events_read(). */
int io_events_fd(const struct io_events *ev);

/* Hands on what has come, in the order of each hook. */
void io_events_read(struct io_events *ev, io_events_take take, void *ctx);

/*
 * To be called every IO_EVENTS_TICK_MS: keeps the kernel telling, looks for hooks that came and went, and asks how many events the
 * kernel left out. Hands on notices of that. `reasons` (1 << reason) are watched from here on. 0 or −errno with *e filled: at the first
 * call also -EBUSY, where a hook has another watcher.
 */
int io_events_tick(struct io_events *ev, uint32_t reasons, io_events_take take, void *ctx, struct tm_error *e);

/* How many hooks are watched. */
unsigned io_events_hooks(const struct io_events *ev);

/* Ends the watch; hands on the rest, and what the kernel left out. A tick begins another one. */
void io_events_end(struct io_events *ev, io_events_take take, void *ctx);

/* The same with nobody to hand it to; and closes. */
void io_events_close(struct io_events *ev);

#endif
