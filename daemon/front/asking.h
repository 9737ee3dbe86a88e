/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the front: questions to the manager, and who gets the answers. In the manager: the same to the learner.
 */
#ifndef DAEMON_ASKING_H
#define DAEMON_ASKING_H

#include "daemon/channel.h"

#define ASKING_MAX 128 /* at a time */

/* Gets the answer: text, NUL behind it, for the time of the call. */
typedef void asking_answered(void *ctx, int status, const char *text, size_t len);

struct asking {
	void (*event)(void *ctx, const void *event, size_t len);
	void (*ended)(void *ctx, const char *why);
	void *ctx;
	/* its own */
	struct channel channel;
	uint32_t last; /* id given */
	struct {
		uint32_t id; /* 0: free */
		asking_answered *answered; /* NULL: nobody waits any more */
		void *ctx;
	} open[ASKING_MAX];
};

/* With event, ended and ctx already set. 0 or −errno. */
int asking_open(struct asking *a, uv_loop_t *loop, int fd);

/*
 * Asks; `fd` (-1: none) is taken over. With `answered` NULL no answer is awaited. The question's number, or −errno: -EBUSY where too many
 * are open.
 */
int64_t asking_ask(struct asking *a, const struct channel_request *r, int fd, asking_answered *answered, void *ctx);

/* Whoever waits gets this answer, with status 1: there will be no other. */
void asking_give_up(struct asking *a, const char *why);

/* Nobody waits for that answer any more. */
void asking_forget(struct asking *a, uint32_t id);

#endif
