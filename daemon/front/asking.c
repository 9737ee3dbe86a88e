/* SPDX-License-Identifier: BSD-2-Clause */
#include "asking.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define QUESTIONS_WAITING 65536 /* bytes, to a manager that is busy */

static int find(const struct asking *a, uint32_t id)
{
	for (int i = 0; i < ASKING_MAX; i++)
		if (a->open[i].id == id)
			return i;
	return -1;
}

static void take(void *ctx, const struct channel_message *m)
{
	struct asking *a = ctx;
	int i;

	if (m->type == CHANNEL_EVENT) {
		a->event(a->ctx, m->body, m->len);
		return;
	}
	i = m->id ? find(a, m->id) : -1;
	if (i < 0)
		return;
	a->open[i].id = 0;
	if (a->open[i].answered)
		a->open[i].answered(a->open[i].ctx, m->status, m->body, m->len);
}

static void ended(void *ctx, const char *why)
{
	struct asking *a = ctx;

	a->ended(a->ctx, why);
}

int asking_open(struct asking *a, uv_loop_t *loop, int fd)
{
	a->channel.take = take;
	a->channel.ended = ended;
	a->channel.ctx = a;
	return channel_open(&a->channel, loop, fd, false);
}

int64_t asking_ask(struct asking *a, const struct channel_request *r, int fd, asking_answered *answered, void *ctx)
{
	struct channel_header head = { .type = CHANNEL_ASK };
	int i = answered ? find(a, 0) : 0, err;

	if (i < 0) {
		if (fd >= 0)
			close(fd);
		return -EBUSY;
	}
	if (answered) {
		do {
			a->last++;
		} while (!a->last || find(a, a->last) >= 0);
		head.id = a->last;
	}
	err = channel_send(&a->channel, head, r, sizeof(*r), fd, QUESTIONS_WAITING);
	if (err)
		return err == -ENOBUFS ? -EBUSY : err;
	if (answered) {
		a->open[i].id = head.id;
		a->open[i].answered = answered;
		a->open[i].ctx = ctx;
	}
	return head.id;
}

void asking_give_up(struct asking *a, const char *why)
{
	for (int i = 0; i < ASKING_MAX; i++) {
		uint32_t id = a->open[i].id;

		a->open[i].id = 0;
		if (id && a->open[i].answered)
			a->open[i].answered(a->open[i].ctx, 1, why, strlen(why));
	}
}

void asking_forget(struct asking *a, uint32_t id)
{
	int i = id ? find(a, id) : -1;

	if (i >= 0)
		a->open[i].answered = NULL;
}
