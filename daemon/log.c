/* SPDX-License-Identifier: BSD-2-Clause */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool verbose, to_syslog, for_journal;
static int pipe_fd = -1;
static void (*tap)(void *ctx, const char *text);
static void *tap_ctx;
static pid_t tap_pid;

void log_verbose(bool on)
{
	verbose = on;
}

bool log_is_verbose(void)
{
	return verbose;
}

void log_for_journal(bool on)
{
	for_journal = on;
}

void log_to_pipe(int fd)
{
	pipe_fd = fd;
}

void log_to_syslog(void)
{
	openlog("tcpmssd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	to_syslog = true;
}

static void put(int level, const char *text)
{
	char line[LOG_LINE + 16];
	int n;

	if (to_syslog) {
		syslog(level, "%s", text);
		return;
	}
	if (pipe_fd >= 0 || for_journal)
		n = snprintf(line, sizeof(line), "<%d>%s\n", level, text);
	else
		n = snprintf(line, sizeof(line), "tcpmssd: %s\n", text);
	/* One write a line, so that lines of two processes do not mix. */
	if (write(pipe_fd >= 0 ? pipe_fd : STDERR_FILENO, line, n) < 0)
		return; /* and whom to tell? */
}

void log_line(int level, const char *format, ...)
{
	char text[LOG_LINE];
	va_list ap;

	if (level == LOG_DEBUG && !verbose)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	put(level, text);
	if (tap && level == LOG_ERR && getpid() == tap_pid)
		tap(tap_ctx, text);
}

void log_tap_errors(void (*to)(void *ctx, const char *text), void *ctx)
{
	tap = to;
	tap_ctx = ctx;
	tap_pid = getpid();
}

void log_pass_on(const char *line)
{
	bool marked = line[0] == '<' && line[1] >= '0' && line[1] <= '7' && line[2] == '>';

	put(marked ? line[1] - '0' : LOG_NOTICE, marked ? line + 3 : line);
}
