/* SPDX-License-Identifier: BSD-2-Clause */
#include "listen-fds.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define FIRST 3
#define MAX 8

union address {
	struct sockaddr any;
	struct sockaddr_in ip4;
	struct sockaddr_in6 ip6;
	struct sockaddr_un path;
	struct sockaddr_storage room;
};

static struct {
	unsigned count;
	char name[MAX][32];
	bool gone[MAX]; /* claimed, closed or never there */
} handed;

static void take_names(const char *names)
{
	for (unsigned i = 0; i < handed.count; i++) {
		size_t len = strcspn(names, ":");

		snprintf(handed.name[i], sizeof(handed.name[i]), "%.*s", (int)(len < 32 ? len : 31), names);
		names += len + (names[len] == ':');
	}
}

int listen_fds_take(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");

	if (pid && count && strtol(pid, NULL, 10) == getpid()) {
		unsigned long n = strtoul(count, NULL, 10);

		handed.count = n < MAX ? (unsigned)n : MAX;
		take_names(names ? names : "");
	}
	for (unsigned i = 0; i < handed.count; i++)
		if (fcntl(FIRST + (int)i, F_SETFD, FD_CLOEXEC))
			handed.gone[i] = true; /* not open: what gets this number later is somebody else's */
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_PIDFDID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return FIRST + (int)handed.count;
}

static bool listens(int fd)
{
	int on = 0, type = 0;
	socklen_t on_len = sizeof(on), type_len = sizeof(type);

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &on_len) && on &&
	       !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) && type == SOCK_STREAM;
}

static bool address_of(int fd, union address *a)
{
	socklen_t len = sizeof(*a);

	memset(a, 0, sizeof(*a));
	return !getsockname(fd, &a->any, &len) && len <= sizeof(*a);
}

int listen_fds_claim(const struct sockaddr *address, socklen_t len)
{
	union address a;

	for (unsigned i = 0; i < handed.count; i++) {
		int fd = FIRST + (int)i, flags;

		if (handed.gone[i] || !listens(fd) || !address_of(fd, &a) || len > sizeof(a) ||
		    memcmp(&a, address, len))
			continue;
		flags = fcntl(fd, F_GETFL);
		if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
			continue;
		handed.gone[i] = true;
		return fd;
	}
	return -1;
}

static void tell_unused(int fd, const char *name)
{
	union address a;
	char text[sizeof("unix:") + sizeof(a.path.sun_path)], ip[INET6_ADDRSTRLEN];

	if (!listens(fd) || !address_of(fd, &a)) {
		log_line(LOG_WARNING,
			 "descriptor %d ('%s') from the service manager is not a stream socket that listens: not used",
			 fd, name);
		return;
	}
	if (a.any.sa_family == AF_INET)
		snprintf(text, sizeof(text), "%s:%u", inet_ntop(AF_INET, &a.ip4.sin_addr, ip, sizeof(ip)),
			 ntohs(a.ip4.sin_port));
	else if (a.any.sa_family == AF_INET6)
		snprintf(text, sizeof(text), "[%s]:%u", inet_ntop(AF_INET6, &a.ip6.sin6_addr, ip, sizeof(ip)),
			 ntohs(a.ip6.sin6_port));
	else if (a.any.sa_family == AF_UNIX)
		snprintf(text, sizeof(text), "unix:%.*s", (int)sizeof(a.path.sun_path), a.path.sun_path);
	else
		snprintf(text, sizeof(text), "address family %d", a.any.sa_family);
	log_line(
		LOG_WARNING,
		"the socket '%s' from the service manager, %s, is not used: no 'metrics' of the configuration listens there",
		name, text);
}

void listen_fds_unused(void)
{
	for (unsigned i = 0; i < handed.count; i++) {
		if (handed.gone[i])
			continue;
		tell_unused(FIRST + (int)i, handed.name[i]);
		close(FIRST + (int)i);
		handed.gone[i] = true;
	}
}

void listen_fds_close(void)
{
	for (unsigned i = 0; i < handed.count; i++)
		if (!handed.gone[i])
			close(FIRST + (int)i);
	handed.count = 0;
}
