/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of a client of the control socket: what it asks. Pure: tests/fuzz/fuzz_control.c
 */
#ifndef DAEMON_CONTROL_REQUEST_H
#define DAEMON_CONTROL_REQUEST_H

#include <jansson.h>

#include "daemon/channel.h"

#define CONTROL_LINE 4096 /* bytes of a request, line end included */
#define CONTROL_DEPTH 8 /* objects and lists inside of each other */

struct control_request {
	struct channel_request ask;
	bool changes; /* only root may */
	json_t *watch; /* of watch: the whole object, for its filter; else NULL. The caller's. */
};

/* `line` has no line end. 0, or −errno with *e filled: a sentence without odd bytes. */
int control_request_parse(struct control_request *r, const char *line, size_t len, struct tm_error *e);

#endif
