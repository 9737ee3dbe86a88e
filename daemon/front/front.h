/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The front: the process that reads what clients of the control socket and of /metrics send. It holds no capability, opens no
 * file, and asks the manager, who starts it and starts it anew when it ends. The listening sockets are the manager's and stay.
 */
#ifndef DAEMON_FRONT_H
#define DAEMON_FRONT_H

#include "daemon/channel.h"
#include "daemon/child.h"

/* In the manager. */
struct front {
	int control, metrics; /* listening sockets; -1: none */
	void (*take)(void *ctx, struct front *f,
		     const struct channel_message *m); /* a question; its descriptor is for the taker */
	void *ctx;
	/* its own */
	uv_loop_t *loop;
	struct child child;
	struct channel *channel; /* NULL: it does not run now */
};

/*
 * Starts it, behind children_init() and before the manager has anything that nobody else should have. Nothing to do without sockets. 0
 * or −errno with *e filled.
 */
int front_start(struct front *f, uv_loop_t *loop, struct tm_error *e);

/* Answers question `id`: with status 0 a JSON text on one line, or nothing; else a sentence, or some, one on each line. */
void front_answer(struct front *f, uint32_t id, int status, const char *text);

/* Pushes a fixed-size event. False: it was left out, since the front reads too slowly, or is not there. */
bool front_event(struct front *f, const void *event, size_t len);

void front_stop(struct front *f);

#endif
