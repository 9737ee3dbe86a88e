/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client's side of the daemon's control socket.
 */
#ifndef IO_CONTROL_CLIENT_H
#define IO_CONTROL_CLIENT_H

#include <jansson.h>
#include <stddef.h>

#include "lib/error.h"

#define IO_CONTROL_SOCKET "/run/tcpmss/control" /* where TCPMSS_SOCKET of the environment names no other */

struct io_control {
	int fd; /* -1: closed */
	char *text; /* what was read and not yet taken */
	size_t have, room;
};

/* Of an answer. Zero-initialised it is empty; io_control_answer_free(). */
struct io_control_answer {
	int status; /* an exit status */
	json_t *document; /* NULL: none */
	char *error; /* with a status that is not 0: a sentence, or some, one on each line */
};

/*
 * Connects to the daemon of the caller's network namespace. 0; or −errno with *e filled: -ENOENT no daemon there, -EACCES no right to
 * ask it, -EXDEV it serves another network namespace, others.
 */
int io_control_open(struct io_control *c, struct tm_error *e);

/*
 * Sends a request (it takes the reference) and perhaps a descriptor (-1: none), and waits for the answer. 0 or −errno with *e filled.
 */
int io_control_ask(struct io_control *c, json_t *request, int fd, struct io_control_answer *answer, struct tm_error *e);

/* Waits for the next line of a watch. For json_decref(). 0; -EPIPE at the end; −errno with *e filled. */
int io_control_next(struct io_control *c, json_t **line, struct tm_error *e);

void io_control_answer_free(struct io_control_answer *answer);
void io_control_close(struct io_control *c);

#endif
