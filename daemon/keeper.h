/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two processes: the keeper, who holds the pid file, the way to syslog and the signals; and the worker, who reads
 * packets and can do nothing else. Each ends with the other.
 */
#ifndef DAEMON_KEEPER_H
#define DAEMON_KEEPER_H

#include <stdbool.h>

#include "pidfile.h"

struct keeper {
	bool foreground;
	struct pidfile pidfile; /* open, or with path NULL */
	int (*work)(struct keeper *k); /* in the worker; its exit status. Calls keeper_ready() when it serves. */
	void (*let_go)(void *ctx); /* in the keeper: closes what only the worker may hold */
	void *ctx;
	/* the keeper's own */
	int parent; /* the worker's: who started it */
	int ready, log, null; /* descriptors; -1: none */
};

/*
 * Starts both. In the foreground, returns the exit status when they have ended. Else the calling process comes back as
 * soon as the worker serves or has failed, and the daemon goes on without it.
 */
int keeper_run(struct keeper *k);

/* In the worker: from now on it serves; what it has to say goes to the log. */
void keeper_ready(struct keeper *k);

/* In a process that the worker has started, at once: what it has to say goes to the log. */
void keeper_detach(struct keeper *k);

#endif
