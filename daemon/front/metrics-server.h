/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /metrics by HTTP (libmicrohttpd) in a libuv loop, without threads. It holds no counters: it asks for the text, and the answer comes
 * later.
 *
 * A connection serves one request and lives METRICS_LIFE_MS at most, however slowly its client sends or reads; beyond METRICS_OPEN of
 * them the oldest goes. Whoever is quick is served, also while others hold connections open. All who ask while a question is
 * under way share its answer.
 */
#ifndef DAEMON_METRICS_SERVER_H
#define DAEMON_METRICS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "lib/error.h"
#include "lib/report/metrics.h"

#define METRICS_LIFE_MS 5000
#define METRICS_OPEN 32

struct MHD_Daemon;
struct metrics_client;

struct metrics_server {
	/* Asks for the text in a format; the answer is metrics_server_answer(), at once or later. One at a time for each format. */
	void (*ask)(void *ctx, enum tm_metrics_format format);
	void *ctx;
	/* its own */
	struct MHD_Daemon *http;
	uv_poll_t poll;
	uv_timer_t timer;
	struct metrics_client *oldest, *newest;
	unsigned count; /* connections */
	bool asked[2]; /* by format */
};

/*
 * Serves on a listening socket (non-blocking; it is the server's from then on). To be called before system calls are filtered. The
 * process ignores SIGPIPE. 0 or −errno with *e filled.
 */
int metrics_server_start(struct metrics_server *s, uv_loop_t *loop, int fd, struct tm_error *e);

/* The text that was asked for; NULL: there is none now (the client is told 503). It is copied. */
void metrics_server_answer(struct metrics_server *s, enum tm_metrics_format format, const char *text, size_t len);

/* Ends all connections and closes the socket; the handles close at the next turn of the loop. */
void metrics_server_stop(struct metrics_server *s);

#endif
