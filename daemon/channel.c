/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel-parts.h"

#define ROUNDS 32 /* packets read before others get their turn */

struct channel_piece {
	struct channel_piece *next;
	int fd;
	size_t len;
	char packet[]; /* header and bytes */
};

static void drop_first(struct channel *c)
{
	struct channel_piece *p = c->first;

	c->first = p->next;
	if (!c->first)
		c->last = NULL;
	c->queued -= p->len;
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}

void channel_close(struct channel *c, uv_close_cb closed)
{
	if (c->fd < 0)
		return;
	uv_poll_stop(&c->poll);
	uv_close((uv_handle_t *)&c->poll, closed);
	close(c->fd);
	c->fd = -1;
	while (c->first)
		drop_first(c);
	channel_inbox_free(&c->in);
}

static void end(struct channel *c, const char *why)
{
	channel_close(c, c->closed);
	c->ended(c->ctx, why);
}

/* ---- out */

static ssize_t send_piece(int to, const struct channel_piece *p)
{
	struct iovec part = { (void *)p->packet, p->len };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	if (p->fd >= 0) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof(control.room);
		control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
						 .cmsg_level = SOL_SOCKET,
						 .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.head), &p->fd, sizeof(int));
	}
	do {
		n = sendmsg(to, &m, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n;
}

static void on_poll(uv_poll_t *poll, int status, int events);

/* Sends what waits, and listens for room where some of it stays. False: the channel has ended. */
static bool flush(struct channel *c)
{
	while (c->first) {
		if (send_piece(c->fd, c->first) >= 0) {
			drop_first(c);
			continue;
		}
		if (errno != EAGAIN && errno != ENOBUFS)
			return false;
		break;
	}
	uv_poll_start(&c->poll, UV_READABLE | (c->first ? UV_WRITABLE : 0), on_poll);
	return true;
}

static struct channel_piece *make_piece(struct channel_header head, const char *body, size_t len, int fd)
{
	struct channel_piece *p = malloc(sizeof(*p) + sizeof(head) + len);

	if (!p)
		return NULL;
	p->next = NULL;
	p->fd = fd;
	p->len = sizeof(head) + len;
	memcpy(p->packet, &head, sizeof(head));
	if (len)
		memcpy(p->packet + sizeof(head), body, len);
	return p;
}

/* The pieces of a message, as a list; NULL without memory. */
static struct channel_piece *cut(struct channel_header head, const char *body, size_t len, int fd)
{
	struct channel_piece *first = NULL, **next = &first;

	do {
		size_t n = len - head.offset < CHANNEL_PIECE ? len - head.offset : CHANNEL_PIECE;

		*next = make_piece(head, body + head.offset, n, head.offset ? -1 : fd);
		if (!*next) {
			while (first) {
				struct channel_piece *p = first;

				first = p->next;
				free(p);
			}
			return NULL;
		}
		next = &(*next)->next;
		head.offset += (uint32_t)n;
	} while (head.offset < len);
	return first;
}

int channel_send(struct channel *c, struct channel_header head, const void *body, size_t len, int fd, size_t most)
{
	struct channel_piece *list = NULL;
	int err = 0;

	if (c->fd < 0)
		err = -EPIPE;
	else if (len > CHANNEL_ANSWER_MAX || c->queued + len > most)
		err = -ENOBUFS;
	head.magic = CHANNEL_MAGIC;
	head.total = (uint32_t)len;
	head.offset = 0;
	if (!err && !(list = cut(head, body, len, fd)))
		err = -ENOMEM;
	if (err) {
		if (fd >= 0)
			close(fd);
		return err;
	}
	if (c->last)
		c->last->next = list;
	else
		c->first = list;
	for (; list; list = list->next) {
		c->queued += list->len;
		c->last = list;
	}
	if (!flush(c))
		shutdown(c->fd, SHUT_RDWR); /* it ends when it is read next, not inside of this call */
	return 0;
}

/* ---- in */

/* The descriptor that came along, or -1; -2 where it was not just one. All are closed then. */
static int take_descriptor(struct msghdr *m)
{
	int fd = -1, one;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; at + sizeof(int) <= c->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
			memcpy(&one, CMSG_DATA(c) + at, sizeof(one));
			if (fd == -1) {
				fd = one;
				continue;
			}
			close(one);
			if (fd >= 0)
				close(fd);
			fd = -2;
		}
	}
	return fd;
}

/* 1: go on, 0: nothing there, −errno with *e filled. */
static int read_packet(struct channel *c, struct tm_error *e)
{
	static char packet[sizeof(struct channel_header) + CHANNEL_PIECE];
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec part = { packet, sizeof(packet) };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)
	};
	ssize_t n = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC);
	struct channel_message message;
	int fd, done;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : tm_error_code(e, -errno, "%s", strerror(errno));
	fd = take_descriptor(&m);
	if (!n) {
		if (fd >= 0)
			close(fd);
		return tm_error_code(e, -EPIPE, "it has ended");
	}
	if (fd == -2 || m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		if (fd >= 0)
			close(fd);
		return tm_error_code(e, -EPROTO, "a packet that is too long, or with too many descriptors");
	}
	done = channel_inbox_take(&c->in, packet, (size_t)n, fd, &message, e);
	if (done > 0)
		c->take(c->ctx, &message);
	return done < 0 ? done : 1;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct channel *c = poll->data;
	struct tm_error e;
	int more = 1;

	if (status < 0 || (events & UV_WRITABLE && !flush(c))) {
		end(c, "it does not listen");
		return;
	}
	for (int i = 0; i < ROUNDS && more > 0 && c->fd >= 0; i++)
		more = read_packet(c, &e);
	if (more < 0)
		end(c, e.text);
}

int channel_open(struct channel *c, uv_loop_t *loop, int fd, bool manager)
{
	int err = uv_poll_init(loop, &c->poll, fd);

	if (err) {
		close(fd);
		c->fd = -1;
		return err;
	}
	c->poll.data = c;
	c->fd = fd;
	c->first = c->last = NULL;
	c->queued = 0;
	channel_inbox_init(&c->in, manager);
	return uv_poll_start(&c->poll, UV_READABLE, on_poll);
}
