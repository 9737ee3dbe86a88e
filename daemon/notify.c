/* SPDX-License-Identifier: BSD-2-Clause */
#include "notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define TEXT 512

static int notify_fd = -1;
static uint64_t watchdog_ms; /* between two signs of life, 0: not wanted */

static int connect_to(const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	int fd;

	if ((*name != '/' && *name != '@') || len >= sizeof(to.sun_path)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(to.sun_path, name, len);
	if (*name == '@') /* an abstract one: there is no NUL at its end, either */
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, offsetof(struct sockaddr_un, sun_path) + len)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* WATCHDOG_PID says whom it means: the process that was started. */
static uint64_t watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!usec || (pid && atol(pid) != getpid()))
		return 0;
	return strtoull(usec, NULL, 10) / 2000;
}

void notify_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	if (!name)
		return;
	watchdog_ms = watchdog();
	notify_fd = connect_to(name);
	if (notify_fd < 0)
		log_line(LOG_WARNING, "NOTIFY_SOCKET %s: %s: going on without", name, strerror(errno));
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

bool notify_wanted(void)
{
	return notify_fd >= 0;
}

void notify_by(int fd)
{
	close(notify_fd);
	notify_fd = fd;
}

void notify_pass_on(int fd)
{
	char text[TEXT];
	ssize_t n = recv(fd, text, sizeof(text), MSG_DONTWAIT);

	if (n > 0 && send(notify_fd, text, (size_t)n, MSG_NOSIGNAL) < 0)
		log_line(LOG_DEBUG, "the service manager does not listen: %s", strerror(errno));
}

void notify_send(const char *format, ...)
{
	char text[TEXT];
	va_list ap;
	int n;

	if (notify_fd < 0)
		return;
	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (send(notify_fd, text, n < (int)sizeof(text) ? n : (int)sizeof(text) - 1, MSG_NOSIGNAL) < 0 &&
	    errno != EAGAIN)
		log_line(LOG_DEBUG, "the service manager does not listen: %s", strerror(errno));
}

void notify_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	notify_send("RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		    (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void notify_state(const char *file, size_t hooks)
{
	notify_send("STATUS=%s: %zu hook%s", file, hooks, hooks == 1 ? "" : "s");
}

void notify_reloaded(const char *file, size_t hooks)
{
	notify_state(file, hooks);
	notify_send("READY=1");
}

static void on_time(uv_timer_t *timer)
{
	notify_send("WATCHDOG=1");
}

int notify_watchdog(uv_loop_t *loop)
{
	static uv_timer_t timer;
	int err;

	if (notify_fd < 0 || !watchdog_ms)
		return 0;
	err = uv_timer_init(loop, &timer);
	return err ? err : uv_timer_start(&timer, on_time, 0, watchdog_ms);
}
