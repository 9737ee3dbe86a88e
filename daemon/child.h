/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes that the manager starts, and starts again when they die: each does one thing, with fewer rights.
 */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "keeper.h"
#include "lib/error.h"

#define CHILD_KEEPS 4

struct child {
	char what[64]; /* for the log, as "hook wan: its worker" */
	/* Before each start, in the manager: opens what the child has from it. 0, or −errno with *e filled. May be NULL. */
	int (*prepare)(void *ctx, struct tm_error *e);
	/* In the new process; its exit status. The channel is a SOCK_SEQPACKET socket to the manager: at its end the child has to end, too. */
	int (*run)(void *ctx, int channel);
	/* After each start, in the manager, or where it failed after prepare(). May be NULL. */
	void (*started)(void *ctx);
	/* It has died, in the manager; c->channel is still open. It is started again, later. May be NULL. */
	void (*ended)(void *ctx);
	void *ctx;
	int keep[CHILD_KEEPS]; /* descriptors beside its channel and its log that stay open in it; 0: none */

	/* read only */
	pid_t pid; /* 0: it does not run now */
	int channel; /* the manager's end, while it runs */

	/* of child.c */
	uint64_t since, due; /* ms, of the loop: when it was started, when it is started again (0: not) */
	unsigned pause; /* ms */
	struct child *next;
};

/* Once, before the first. The keeper's worker is the manager. 0 or a negative libuv error. */
int children_init(uv_loop_t *loop, struct keeper *k);

/*
 * Starts it; c->what and the functions are set, the rest is zero. 0; or −errno with *e filled, and it is tried again until
 * child_stop(), as after a death: at once first, then ever later, up to five seconds.
 */
int child_start(struct child *c, struct tm_error *e);

/* Cuts its channel off, as after what it may not say: it ends at that, and is started again. */
void child_cut_off(struct child *c);

/* Lets it end (its channel is closed) and waits for that, a second at most. */
void child_stop(struct child *c);

#endif
