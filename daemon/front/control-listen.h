/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The listening control socket, in the manager: made with its rights, kept while processes behind it come and go.
 */
#ifndef DAEMON_CONTROL_LISTEN_H
#define DAEMON_CONTROL_LISTEN_H

#include "lib/error.h"

struct control_listen {
	int fd; /* listening; -1: none */
	int lock; /* of PATH.lock, held as long as the daemon lives */
	char path[108];
};

/*
 * Makes the socket, mode 0660 and of `group` (NULL: the daemon's own), and the folder of the path where it is missing. What a dead
 * daemon has left is replaced. 0; or −errno with *e filled: -EADDRINUSE where a living one serves it.
 */
int control_listen_open(struct control_listen *l, const char *path, const char *group, struct tm_error *e);

/* Takes the socket away. */
void control_listen_close(struct control_listen *l);

#endif
