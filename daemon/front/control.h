/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket, in the front: clients, each with bounded buffers and a bounded time for what it begins.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "asking.h"

#define CONTROL_CLIENTS 64
#define CONTROL_CLIENTS_OF_OTHERS 56 /* than root: whoever repairs gets in */
#define CONTROL_CLIENTS_OF_ONE 16 /* of them */
#define CONTROL_OUT_MOST (32u << 20) /* bytes of answers that wait for all clients */

struct control_client;

struct control {
	uv_loop_t *loop;
	struct asking *asking;
	uv_poll_t poll;
	int fd; /* listening */
	uv_timer_t tick; /* runs while there are clients */
	struct control_client *clients;
	unsigned count;
	size_t out; /* bytes that wait */
	bool untold; /* the manager does not know yet that somebody has ceased to watch */
};

/* Serves a listening socket. 0 or −errno. */
int control_open(struct control *c, uv_loop_t *loop, struct asking *asking, int fd);

/* A struct tm_event for whoever watches. */
void control_event(struct control *c, const void *event, size_t len);

#endif
