/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients of the control socket that watch, in the front: each with its own filter and a bounded amount of lines that wait.
 */
#ifndef DAEMON_CONTROL_WATCH_H
#define DAEMON_CONTROL_WATCH_H

#include "control-client.h"
#include "lib/report/event-filter.h"

struct control_watch {
	struct tm_event_filter filter;
	uint64_t left_out; /* events that found too many waiting, and were not told of yet */
};

/* A client wants to watch. 0, or −errno with *e filled: -EINVAL for a filter that makes no sense. */
int control_watch_begin(struct control_client *client, const json_t *request, struct tm_error *e);

/* All that the clients watch: 1 << reason. */
uint32_t control_watch_reasons(const struct control *c);

/* An event for whoever wants it. */
void control_watch_event(struct control *c, const struct tm_event *event);

/* The client has taken all lines that waited: tells what was left out meanwhile. */
void control_watch_caught_up(struct control_client *client);

/* Tells the manager what is watched; where that does not work now, c->untold says to try again. */
void control_watch_tell(struct control *c);

/* A client watches no longer, or has gone. */
void control_watch_end(struct control_client *client);

#endif
