/* SPDX-License-Identifier: BSD-2-Clause */
#include "front.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front-process.h"
#include "daemon/log.h"

#define ANSWERS_WAITING (64u << 20) /* bytes */
#define EVENTS_WAITING (256u << 10)

static void on_message(void *ctx, const struct channel_message *m)
{
	struct front *f = ctx;

	f->take(f->ctx, f, m);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* The channel's memory is libuv's until its next turn, when there may be another one already. */
static void drop_channel(struct front *f)
{
	struct channel *c = f->channel;

	f->channel = NULL;
	if (!c)
		return;
	if (c->fd >= 0)
		channel_close(c, on_closed);
	else
		free(c);
}

static void on_end(void *ctx, const char *why)
{
	struct front *f = ctx;

	log_line(LOG_WARNING, "%s: its channel is closed: %s", f->child.what, why);
	child_cut_off(&f->child);
	f->channel = NULL;
}

static int run(void *ctx, int channel)
{
	const struct front *f = ctx;

	return front_process(channel, f->control, f->metrics);
}

static void started(void *ctx)
{
	struct front *f = ctx;
	int fd = f->child.pid ? fcntl(f->child.channel, F_DUPFD_CLOEXEC, 0) : -1;

	drop_channel(f);
	if (fd < 0)
		return;
	f->channel = calloc(1, sizeof(*f->channel));
	if (!f->channel) {
		close(fd);
		return;
	}
	f->channel->take = on_message;
	f->channel->ended = on_end;
	f->channel->closed = on_closed;
	f->channel->ctx = f;
	if (channel_open(f->channel, f->loop, fd, true))
		drop_channel(f);
}

static void ended(void *ctx)
{
	drop_channel(ctx);
}

int front_start(struct front *f, uv_loop_t *loop, struct tm_error *e)
{
	f->loop = loop;
	f->child = (struct child){
		.what = "the process for clients", .run = run, .started = started, .ended = ended, .ctx = f
	};
	f->child.keep[0] = f->control >= 0 ? f->control : 0;
	f->child.keep[1] = f->metrics >= 0 ? f->metrics : 0;
	return f->control >= 0 || f->metrics >= 0 ? child_start(&f->child, e) : 0;
}

void front_answer(struct front *f, uint32_t id, int status, const char *text)
{
	struct channel_header head = { .type = CHANNEL_ANSWER, .id = id, .status = status };
	int err = f->channel ? channel_send(f->channel, head, text, strlen(text), -1, ANSWERS_WAITING) : 0;

	if (!err || err == -EPIPE)
		return;
	log_line(LOG_WARNING, "an answer for a client: %s", strerror(-err));
	head.status = 1;
	text = "the answer is too long, or too many wait: ask again later";
	channel_send(f->channel, head, text, strlen(text), -1, ANSWERS_WAITING + 65536);
}

bool front_event(struct front *f, const void *event, size_t len)
{
	struct channel_header head = { .type = CHANNEL_EVENT };

	return f->channel && !channel_send(f->channel, head, event, len, -1, EVENTS_WAITING);
}

void front_stop(struct front *f)
{
	drop_channel(f);
	if (f->child.run && (f->control >= 0 || f->metrics >= 0))
		child_stop(&f->child);
}
