/* SPDX-License-Identifier: BSD-2-Clause */
#include "relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of one direction, on its way from a side to the other. */
#define ROOM 65536

struct side {
	struct connection *of;
	int fd;
	uint32_t watched; /* events */
	bool ended; /* has sent its FIN */
	size_t from, to; /* of bytes that it has sent, and the other has not got yet */
	char bytes[ROOM];
};

struct connection {
	struct side side[2]; /* client, server */
	bool connected; /* with the server */
};

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* IPV6_TRANSPARENT is IP_TRANSPARENT for sockets of IPv6. */
static int be_transparent(int fd, int family)
{
	return family == AF_INET ? set(fd, IPPROTO_IP, IP_TRANSPARENT, 1) : set(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1);
}

static socklen_t size_of(int family)
{
	return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

/* ---- one connection */

/* What is worth knowing about a side now; a side with nothing is not watched at all, or its hang-up would be told for ever. */
static bool watch(struct io_relay *r, struct side *s)
{
	const struct side *other = &s->of->side[s == s->of->side];
	struct epoll_event event = { .data.ptr = s };
	uint32_t before = s->watched;

	if (!s->of->connected)
		s->watched = s == &s->of->side[1] ? EPOLLOUT : 0;
	else
		s->watched = (s->ended || s->to == ROOM ? 0 : EPOLLIN) | (other->from < other->to ? EPOLLOUT : 0);
	event.events = s->watched;
	if (s->watched == before)
		return true;
	return !epoll_ctl(r->poll, !s->watched ? EPOLL_CTL_DEL : before ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, s->fd, &event);
}

/* Passes on from a side to the other what can be passed on. False where the connection is broken. */
static bool pass(struct side *s)
{
	struct side *other = &s->of->side[s == s->of->side];
	ssize_t n = 0;

	if (!s->ended && s->to < ROOM) {
		n = recv(s->fd, s->bytes + s->to, ROOM - s->to, 0);
		if (n < 0 && errno != EAGAIN)
			return false;
		s->ended = !n;
		s->to += n > 0 ? (size_t)n : 0;
	}
	if (s->from < s->to) {
		n = send(other->fd, s->bytes + s->from, s->to - s->from, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			return false;
		s->from += n > 0 ? (size_t)n : 0;
	}
	if (s->from == s->to) {
		s->from = s->to = 0;
		if (s->ended)
			shutdown(other->fd, SHUT_WR);
	}
	return true;
}

static bool over(const struct connection *c)
{
	return c->side[0].ended && !c->side[0].to && c->side[1].ended && !c->side[1].to;
}

/* Ends both sides; the client of a broken one gets a reset. */
static void end(struct io_relay *r, struct connection *c, bool broken)
{
	struct linger reset = { .l_onoff = 1 };

	for (int i = 0; i < 2; i++) {
		if (c->side[i].fd < 0)
			continue;
		if (broken)
			setsockopt(c->side[i].fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(c->side[i].fd);
	}
	free(c);
	r->connections--;
}

static bool go_on(struct io_relay *r, struct side *s, uint32_t events)
{
	struct connection *c = s->of;

	if (events & EPOLLERR)
		return false;
	c->connected = true; /* until then only that is watched */
	return pass(&c->side[0]) && pass(&c->side[1]) && watch(r, &c->side[0]) && watch(r, &c->side[1]);
}

/* To where the client wanted to go, with the client's address and a port of our own. */
static bool reach(struct io_relay *r, struct connection *c, struct sockaddr_storage *client)
{
	struct sockaddr_storage server;
	int family = client->ss_family, fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(server);

	c->side[1].fd = fd;
	if (family == AF_INET)
		((struct sockaddr_in *)client)->sin_port = 0;
	else
		((struct sockaddr_in6 *)client)->sin6_port = 0;
	return fd >= 0 && !getsockname(c->side[0].fd, (struct sockaddr *)&server, &size) &&
	       !be_transparent(fd, family) && !set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1) &&
	       !bind(fd, (struct sockaddr *)client, size_of(family)) &&
	       (!connect(fd, (struct sockaddr *)&server, size) || errno == EINPROGRESS) && watch(r, &c->side[1]);
}

static void take(struct io_relay *r, int listener)
{
	struct sockaddr_storage client;
	socklen_t size = sizeof(client);
	int fd = accept4(listener, (struct sockaddr *)&client, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct connection *c = fd < 0 ? NULL : malloc(sizeof(*c));

	if (!c) {
		if (fd >= 0)
			close(fd);
		return;
	}
	r->connections++;
	c->connected = false;
	for (int i = 0; i < 2; i++) {
		struct side *s = &c->side[i];

		s->of = c;
		s->fd = i ? -1 : fd;
		s->watched = 0;
		s->ended = false;
		s->from = s->to = 0;
	}
	if (!reach(r, c, &client))
		end(r, c, true);
}

/* ---- all of them */

static int listen_on(int family, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	const struct sockaddr *any = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err;

	if (fd >= 0 && !be_transparent(fd, family) && !set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
	    (family == AF_INET || !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) && !bind(fd, any, size_of(family)) &&
	    !listen(fd, 1024))
		return fd;
	err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

int io_relay_open(struct io_relay *r, uint16_t port, struct tm_error *e)
{
	struct rlimit files = { .rlim_cur = 1024 };

	*r = (struct io_relay){ .listener = { -1, -1 }, .poll = epoll_create1(EPOLL_CLOEXEC) };
	if (r->poll < 0)
		return tm_error_code(e, -errno, "relay: %s", strerror(errno));
	getrlimit(RLIMIT_NOFILE, &files);
	r->most = files.rlim_cur > 65536 ? 32768 : (unsigned)files.rlim_cur / 2 - 8;
	for (int i = 0; i < 2; i++) {
		int fd = listen_on(i ? AF_INET6 : AF_INET, port);

		if (fd < 0)
			return tm_error_code(e, fd, "relay: listening on port %u, transparently, IPv%d: %s%s", port,
					     i ? 6 : 4, strerror(-fd), fd == -EPERM ? ": run as root" : "");
		r->listener[i] = fd;
	}
	return 0;
}

/* With no descriptors left for another connection the listeners have to wait. */
static bool listeners(struct io_relay *r, bool *listening)
{
	bool wanted = r->connections < r->most;

	for (int i = 0; i < 2 && wanted != *listening; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &r->listener[i] };

		if (epoll_ctl(r->poll, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, r->listener[i], &event))
			return false;
	}
	*listening = wanted;
	return true;
}

int io_relay_serve(struct io_relay *r)
{
	bool listening = false;
	struct epoll_event event;

	/* one event at a time: a side may be gone with what the one before did */
	while (listeners(r, &listening)) {
		int n = epoll_wait(r->poll, &event, 1, -1);
		struct side *s = event.data.ptr;

		if (n < 0 && errno != EINTR)
			break;
		if (n < 1)
			continue;
		if (event.data.ptr == &r->listener[0] || event.data.ptr == &r->listener[1])
			take(r, *(int *)event.data.ptr);
		else if (!go_on(r, s, event.events))
			end(r, s->of, true);
		else if (over(s->of))
			end(r, s->of, false);
	}
	return -errno;
}

void io_relay_close(struct io_relay *r)
{
	for (int i = 0; i < 2; i++)
		if (r->listener[i] >= 0)
			close(r->listener[i]);
	if (r->poll >= 0)
		close(r->poll);
}
