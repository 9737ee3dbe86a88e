/* SPDX-License-Identifier: BSD-2-Clause */
#include "control-client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control-watch.h"
#include "lib/json.h"

#define IDLE_MS 10000 /* between requests */
#define HALF_MS 5000 /* for the rest of a request */
#define ANSWER_MS 120000 /* the manager may compile 100 000 prefixes */
#define TAKE_MS 10000 /* without progress in taking an answer */

static void on_poll(uv_poll_t *poll, int status, int events);

static void enter(struct control_client *c, enum control_state state)
{
	c->state = state;
	c->since = uv_now(c->control->loop);
	if (state == CONTROL_ASKING)
		uv_poll_stop(&c->poll); /* what it says meanwhile waits; that it has gone shows with the answer */
	else if (state == CONTROL_WATCHING)
		uv_poll_start(&c->poll, UV_READABLE | (c->out ? UV_WRITABLE : 0), on_poll);
	else
		uv_poll_start(&c->poll, state == CONTROL_WRITING ? UV_WRITABLE : UV_READABLE, on_poll);
}

static void drop_passed(struct control_client *c)
{
	if (c->passed >= 0)
		close(c->passed);
	c->passed = -1;
}

static void drop_out(struct control_client *c)
{
	c->control->out -= c->out_len;
	free(c->out);
	c->out = NULL;
	c->out_len = c->out_at = c->out_room = 0;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void control_client_close(struct control_client *c)
{
	struct control_client **i = &c->control->clients;

	if (c->state == CONTROL_CLOSED)
		return;
	while (*i != c)
		i = &(*i)->next;
	*i = c->next;
	c->control->count--;
	if (c->state == CONTROL_ASKING)
		asking_forget(c->control->asking, c->question);
	c->state = CONTROL_CLOSED;
	drop_out(c);
	drop_passed(c);
	control_watch_end(c);
	uv_poll_stop(&c->poll);
	close(c->fd);
	uv_close((uv_handle_t *)&c->poll, on_closed);
}

bool control_client_late(const struct control_client *c, uint64_t now)
{
	uint64_t most = 0;

	switch (c->state) {
	case CONTROL_READING:
		most = c->have ? HALF_MS : IDLE_MS;
		break;
	case CONTROL_ASKING:
		most = ANSWER_MS;
		break;
	case CONTROL_WRITING:
		most = TAKE_MS;
		break;
	case CONTROL_WATCHING: /* one that does not read loses events, no more */
	case CONTROL_CLOSED:
		return false;
	}
	return now - c->since > most;
}

/* ---- out */

static void answer(struct control_client *c, char *text, size_t len)
{
	c->out = text;
	c->out_len = c->out_room = text ? len : 0;
	c->out_at = 0;
	c->control->out += c->out_len;
	if (text)
		enter(c, CONTROL_WRITING);
	else
		control_client_close(c); /* no memory to say so */
}

/* Room for so many bytes more behind what waits. */
static bool make_room(struct control_client *c, size_t len)
{
	size_t room = c->out_len + len;
	char *out;

	if (room <= c->out_room)
		return true;
	if (room < 2 * c->out_room)
		room = 2 * c->out_room;
	out = realloc(c->out, room);
	if (!out)
		return false;
	c->out = out;
	c->out_room = room;
	return true;
}

bool control_client_say(struct control_client *c, const char *line, size_t len)
{
	if (c->out_at) {
		c->control->out -= c->out_at;
		c->out_len -= c->out_at;
		memmove(c->out, c->out + c->out_at, c->out_len);
		c->out_at = 0;
	}
	if (!make_room(c, len))
		return false;
	memcpy(c->out + c->out_len, line, len);
	c->out_len += len;
	c->control->out += len;
	if (c->state == CONTROL_WATCHING)
		enter(c, CONTROL_WATCHING);
	return true;
}

static void answer_error(struct control_client *c, int status, const char *error)
{
	json_t *document =
		json_pack("{s:i, s:o}", "status", status, "error", tm_json_name(error)); /* may quote a file */
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) : 0;

	json_decref(document);
	if (text)
		text[len++] = '\n'; /* where its NUL was */
	answer(c, text, len);
}

void control_client_refuse(struct control_client *c, int status, const char *text)
{
	c->last = true;
	answer_error(c, status, text);
}

/* An asking_answered. */
static void on_answer(void *ctx, int status, const char *text, size_t len)
{
	static const char head[] = "{\"status\":0,\"document\":", bare[] = "{\"status\":0";
	struct control_client *c = ctx;
	const char *begin = len ? head : bare;
	char *all;

	if (status) {
		control_watch_end(c);
		answer_error(c, status, text);
		return;
	}
	if (c->control->out + len > CONTROL_OUT_MOST) {
		answer_error(c, 1, "too many answers wait for their clients: try again later");
		return;
	}
	all = malloc(strlen(begin) + len + 2);
	if (all) {
		memcpy(all, begin, strlen(begin));
		memcpy(all + strlen(begin), text, len);
		memcpy(all + strlen(begin) + len, "}\n", 2);
	}
	answer(c, all, strlen(begin) + len + 2);
}

static void next_request(struct control_client *c);

static void write_out(struct control_client *c)
{
	ssize_t n = send(c->fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			control_client_close(c);
		return;
	}
	c->out_at += (size_t)n;
	c->since = uv_now(c->control->loop);
	if (c->out_at < c->out_len)
		return;
	drop_out(c);
	if (c->last) {
		control_client_close(c);
		return;
	}
	if (c->watch) {
		control_watch_caught_up(c);
		enter(c, CONTROL_WATCHING);
		return;
	}
	enter(c, CONTROL_READING);
	next_request(c);
}

/* ---- in */

static void ask(struct control_client *c, const struct control_request *r)
{
	int64_t id;
	int fd = c->passed;

	if (r->changes && c->uid) {
		answer_error(c, 4, "only root may change what the daemon does");
		return;
	}
	if (fd >= 0 && r->ask.verb != CHANNEL_RELOAD && r->ask.verb != CHANNEL_PROTECT_ADD) {
		control_watch_end(c);
		control_client_refuse(c, 2, "a descriptor goes with reload and protect-add only");
		return;
	}
	if (fd < 0 && r->ask.verb == CHANNEL_PROTECT_ADD) {
		control_client_refuse(c, 2, "protect-add needs a descriptor: a sealed memory file with the blocks");
		return;
	}
	c->passed = -1; /* asking_ask() takes it, whatever happens */
	id = asking_ask(c->control->asking, &r->ask, fd, on_answer, c);
	if (id < 0) {
		control_watch_end(c);
		answer_error(c, 1, "the daemon is busy: try again later");
		return;
	}
	c->question = (uint32_t)id;
	enter(c, CONTROL_ASKING);
}

static void take_line(struct control_client *c, size_t len)
{
	struct control_request r;
	struct tm_error e;

	if (control_request_parse(&r, c->line, len, &e)) {
		control_client_refuse(c, 2, e.text);
		return;
	}
	if (r.ask.verb == CHANNEL_WATCH) {
		int err = control_watch_begin(c, r.watch, &e);

		json_decref(r.watch);
		if (err) {
			control_client_refuse(c, err == -EINVAL ? 2 : 1, e.text);
			return;
		}
		r.ask.reasons = control_watch_reasons(c->control);
	}
	ask(c, &r);
}

/* A whole line that is there already, if one is. */
static void next_request(struct control_client *c)
{
	char *end = memchr(c->line, '\n', c->have);
	size_t len;

	if (!end) {
		if (c->have == sizeof(c->line))
			control_client_refuse(c, 2, "a request has at most 4095 bytes");
		return;
	}
	len = (size_t)(end - c->line);
	take_line(c, len);
	drop_passed(c); /* of a request that did not want it */
	c->have -= len + 1;
	memmove(c->line, end + 1, c->have);
}

/* Closes all descriptors of the message but one, which the request may want. False where there was another. */
static bool take_descriptors(struct control_client *c, struct msghdr *m)
{
	bool good = !(m->msg_flags & MSG_CTRUNC);
	int fd;

	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; CMSG_LEN(at + sizeof(fd)) <= h->cmsg_len; at += sizeof(fd)) {
			memcpy(&fd, CMSG_DATA(h) + at, sizeof(fd));
			if (c->passed < 0) {
				c->passed = fd;
				continue;
			}
			close(fd);
			good = false;
		}
	}
	return good;
}

static void read_in(struct control_client *c)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { c->line + c->have, sizeof(c->line) - c->have };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)
	};
	ssize_t n = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && !take_descriptors(c, &m)) {
		control_client_refuse(c, 2, "one descriptor goes with a request, at most");
		return;
	}
	if (n <= 0) {
		control_client_close(c);
		return;
	}
	if (!c->have)
		c->since = uv_now(c->control->loop); /* a line takes no longer because it comes byte by byte */
	c->have += (size_t)n;
	next_request(c);
}

/* Whoever watches has nothing more to say but that it leaves. */
static void read_nothing(struct control_client *c)
{
	char ignored[256];
	ssize_t n = recv(c->fd, ignored, sizeof(ignored), 0);

	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
		control_client_close(c);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct control_client *c = poll->data;

	if (status < 0)
		control_client_close(c);
	else if (c->state == CONTROL_WATCHING && events & UV_READABLE)
		read_nothing(c);
	else if (c->state == CONTROL_WATCHING)
		write_out(c);
	else if (c->state == CONTROL_WRITING)
		write_out(c);
	else
		read_in(c);
}

int control_client_add(struct control *control, int fd, uid_t uid)
{
	struct control_client *c = calloc(1, sizeof(*c));
	int err = c ? uv_poll_init(control->loop, &c->poll, fd) : UV_ENOMEM;

	if (err) {
		free(c);
		close(fd);
		return err;
	}
	c->control = control;
	c->fd = fd;
	c->uid = uid;
	c->passed = -1;
	c->poll.data = c;
	c->next = control->clients;
	control->clients = c;
	control->count++;
	enter(c, CONTROL_READING);
	return 0;
}
