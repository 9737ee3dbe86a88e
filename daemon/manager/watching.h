/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the manager: while somebody watches, the events of all hooks go to the front, and with them what the manager itself has to tell.
 */
#ifndef DAEMON_WATCHING_H
#define DAEMON_WATCHING_H

#include <uv.h>

#include "daemon/front/front.h"
#include "hooks.h"
#include "io/hook/events.h"

struct watching {
	const struct hooks *hooks;
	struct front *front;
	struct io_events events;
	uint32_t reasons; /* 1 << reason; 0: nobody watches */
	uint64_t lost; /* events that the front did not take, and was not told of yet */
	pid_t asked_by; /* the front that set them: the watchers of one that has gone have gone, too */
	unsigned ticks;
	uv_poll_t poll;
	uv_timer_t timer;
};

/* 0 or −errno with *e filled. */
int watching_open(struct watching *w, uv_loop_t *loop, const struct hooks *hooks, struct front *front,
		  struct tm_error *e);

/* What is watched from here on: 1 << reason, 0 for nothing. 0 or −errno with *e filled, and nothing is watched then. */
int watching_set(struct watching *w, uint32_t reasons, struct tm_error *e);

/* Tells whoever watches of a reload, or of what went wrong. Before watching_open() and without watchers nothing happens. */
void watching_notice(struct watching *w, enum tm_event_kind kind, const char *text);

/* Tells whoever watches what became of a path, or of a protect block (ctx: struct watching; a struct learner's `event`). */
void watching_event(void *ctx, const struct tm_event *event);

void watching_close(struct watching *w);

#endif
