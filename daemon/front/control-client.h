/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One client of the control socket. It says a line, gets a line, and so on, or watches.
 */
#ifndef DAEMON_CONTROL_CLIENT_H
#define DAEMON_CONTROL_CLIENT_H

#include "control-request.h"
#include "control.h"

struct control_watch;

enum control_state {
	CONTROL_READING, /* its request */
	CONTROL_ASKING, /* the manager */
	CONTROL_WRITING, /* the answer */
	CONTROL_WATCHING, /* gets events until it leaves */
	CONTROL_CLOSED,
};

struct control_client {
	struct control *control;
	struct control_client *next;
	uv_poll_t poll;
	int fd;
	uid_t uid;
	enum control_state state;
	uint64_t since; /* ms: when it came to this state, or last made progress in it */
	uint32_t question; /* its number at the manager's */
	char line[CONTROL_LINE];
	size_t have; /* bytes of it */
	int passed; /* descriptor that came with the request, -1 */
	char *out;
	size_t out_len, out_at, out_room;
	bool last; /* after this answer the connection ends */
	struct control_watch *watch; /* NULL: it does not want to */
};

/* Takes the descriptor over; it joins the list of `c`. −ENOMEM, and it is closed. */
int control_client_add(struct control *c, int fd, uid_t uid);

/* It leaves the list at once; its memory goes at the next turn of the loop. */
void control_client_close(struct control_client *client);

/* Whether it has taken longer than it may. */
bool control_client_late(const struct control_client *client, uint64_t now);

/* Adds a line to what waits for a client that watches. False without memory. */
bool control_client_say(struct control_client *client, const char *line, size_t len);

/* Says what is wrong, and then no more is read from it. */
void control_client_refuse(struct control_client *client, int status, const char *text);

#endif
