/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics-listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/listen-fds.h"

#define BACKLOG 128

union address {
	struct sockaddr any;
	struct sockaddr_in ip4;
	struct sockaddr_in6 ip6;
	struct sockaddr_un path;
};

static socklen_t address_of(const struct tm_config_metrics *m, union address *a)
{
	memset(a, 0, sizeof(*a));
	a->any.sa_family = (sa_family_t)m->family;
	switch (m->family) {
	case AF_INET:
		memcpy(&a->ip4.sin_addr, m->address, sizeof(a->ip4.sin_addr));
		a->ip4.sin_port = htons(m->port);
		return sizeof(a->ip4);
	case AF_INET6:
		memcpy(&a->ip6.sin6_addr, m->address, sizeof(a->ip6.sin6_addr));
		a->ip6.sin6_port = htons(m->port);
		return sizeof(a->ip6);
	}
	strcpy(a->path.sun_path, m->path);
	return sizeof(a->path);
}

/* As the file has it. A unit that allows no such sockets has one handed over. */
static int wrong(const struct tm_config_metrics *m, int err, struct tm_error *e)
{
	const char *hint = err == -EAFNOSUPPORT ? "; as a systemd service, enable tcpmssd-metrics.socket for it" : "";
	char address[INET6_ADDRSTRLEN];

	if (m->family == AF_UNIX)
		return tm_error_code(e, err, "metrics on unix:%s: %s", m->path, strerror(-err));
	inet_ntop(m->family, m->address, address, sizeof(address));
	return tm_error_code(e, err, m->family == AF_INET6 ? "metrics on [%s]:%u: %s%s" : "metrics on %s:%u: %s%s",
			     address, m->port, strerror(-err), hint);
}

/* A socket file that refuses connections is left over from a process that has died. */
static void remove_stale(const union address *a)
{
	struct stat st;
	int fd;

	if (lstat(a->path.sun_path, &st) || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (connect(fd, &a->any, sizeof(a->path)) && errno == ECONNREFUSED)
		unlink(a->path.sun_path);
	close(fd);
}

int metrics_listen(const struct tm_config_metrics *m, struct tm_error *e)
{
	union address a;
	socklen_t len = address_of(m, &a);
	int fd = socket(m->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, err = 0;

	if (fd < 0)
		return wrong(m, -errno, e);
	if (m->family == AF_UNIX)
		remove_stale(&a);
	else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		 (m->family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))))
		err = -errno;
	if (!err && (bind(fd, &a.any, len) || (m->family == AF_UNIX && chmod(m->path, 0666)) || listen(fd, BACKLOG)))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return wrong(m, err, e);
}

int metrics_claim(const struct tm_config_metrics *m)
{
	union address a;
	socklen_t len = address_of(m, &a);

	return listen_fds_claim(&a.any, len);
}

bool metrics_same(const struct tm_config_metrics *a, const struct tm_config_metrics *b)
{
	union address at, bt;

	if (a->family != b->family)
		return false;
	return !a->family || (address_of(a, &at) == address_of(b, &bt) && !memcmp(&at, &bt, sizeof(at)));
}

void metrics_unlink(const struct tm_config_metrics *m)
{
	if (m->family == AF_UNIX)
		unlink(m->path);
}
