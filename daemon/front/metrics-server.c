/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics-server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define LOOK_MS 250 /* how often connections are looked after, while there are any */
#define MEMORY 8192 /* bytes of a connection, for its request and header */

/* Shared by all who asked for it. */
struct answer {
	unsigned users;
	size_t len;
	char text[];
};

enum client_state { CLIENT_SENDS, CLIENT_WAITS, CLIENT_ANSWERED };

/* A connection. */
struct metrics_client {
	struct metrics_client *older, *newer;
	struct MHD_Connection *connection;
	int fd;
	uint64_t since; /* ms of the loop */
	bool cut; /* its socket is shut down: it goes as soon as libmicrohttpd sees that */
	enum client_state state;
	enum tm_metrics_format format;
	struct answer *answer; /* NULL: none could be had */
};

/* Shutting down is all that is needed: reading and writing then fail. */
static void cut(struct metrics_client *c)
{
	if (!c->cut)
		shutdown(c->fd, SHUT_RDWR);
	c->cut = true;
}

static void cut_old(struct metrics_server *s)
{
	uint64_t now = uv_now(s->timer.loop);
	unsigned left = s->count;

	for (struct metrics_client *c = s->oldest; c; c = c->newer, left--)
		if (left > METRICS_OPEN || now - c->since >= METRICS_LIFE_MS)
			cut(c);
}

static void on_timer(uv_timer_t *timer);

/* ---- answers */

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, struct MHD_Response *response)
{
	enum MHD_Result result = MHD_NO;

	if (response && MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES)
		result = MHD_queue_response(connection, status, response);
	if (response)
		MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *text)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);

	if (response)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
	if (response && status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	return reply(connection, status, response);
}

/* OpenMetrics only for those who say that they read it; `q` is not weighed, for whoever lists it prefers it. */
static enum tm_metrics_format format_for(struct MHD_Connection *connection)
{
	const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

	return accept && strcasestr(accept, "application/openmetrics-text") ? TM_METRICS_OPEN : TM_METRICS_PLAIN;
}

static void release(void *ctx)
{
	struct answer *a = ctx;

	if (!--a->users)
		free(a);
}

static enum MHD_Result deliver(struct metrics_client *c)
{
	struct answer *a = c->answer;
	struct MHD_Response *response;

	if (!a)
		return refuse(c->connection, MHD_HTTP_SERVICE_UNAVAILABLE, "The counters cannot be read now.\n");
	c->answer = NULL;
	response = MHD_create_response_from_buffer_with_free_callback_cls(a->len, a->text, release, a);
	if (!response)
		release(a);
	else
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, tm_metrics_content_type(c->format));
	return reply(c->connection, MHD_HTTP_OK, response);
}

static void ask(struct metrics_server *s, struct metrics_client *c)
{
	c->format = format_for(c->connection);
	c->state = CLIENT_WAITS;
	MHD_suspend_connection(c->connection);
	if (s->asked[c->format])
		return;
	s->asked[c->format] = true;
	s->ask(s->ctx, c->format);
}

/* Called for the header, then when all of the request is there, and once more with the answer. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_size, void **request)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct metrics_client *c = info ? info->socket_context : NULL;

	if (!c)
		return MHD_NO;
	if (strcmp(url, "/metrics"))
		return refuse(connection, MHD_HTTP_NOT_FOUND, "Nothing is here; there is /metrics.\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only.\n");
	if (!*request) {
		*request = c;
		return MHD_YES;
	}
	if (*upload_size)
		return MHD_NO; /* a body, which nobody needs: the connection ends */
	switch (c->state) {
	case CLIENT_SENDS:
		ask(ctx, c);
		return MHD_YES;
	case CLIENT_WAITS:
		return MHD_YES;
	case CLIENT_ANSWERED:
		return deliver(c);
	}
	return MHD_NO;
}

void metrics_server_answer(struct metrics_server *s, enum tm_metrics_format format, const char *text, size_t len)
{
	struct answer *a = text ? malloc(sizeof(*a) + len) : NULL;

	s->asked[format] = false;
	if (a) {
		*a = (struct answer){ .users = 1, .len = len };
		memcpy(a->text, text, len);
	}
	for (struct metrics_client *c = s->oldest; c; c = c->newer) {
		if (c->state != CLIENT_WAITS || c->format != format)
			continue;
		c->state = CLIENT_ANSWERED;
		c->answer = a;
		if (a)
			a->users++;
		MHD_resume_connection(c->connection);
	}
	if (a)
		release(a);
	uv_timer_start(&s->timer, on_timer, 0, 0);
}

/* ---- connections */

static void opened(struct metrics_server *s, struct MHD_Connection *connection, void **context)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct metrics_client *c = info ? calloc(1, sizeof(*c)) : NULL;

	*context = c;
	if (!c)
		return;
	c->connection = connection;
	c->fd = info->connect_fd;
	c->since = uv_now(s->timer.loop);
	c->older = s->newest;
	*(c->older ? &c->older->newer : &s->oldest) = c;
	s->newest = c;
	s->count++;
}

static void closed(struct metrics_server *s, struct metrics_client *c)
{
	*(c->older ? &c->older->newer : &s->oldest) = c->newer;
	*(c->newer ? &c->newer->older : &s->newest) = c->older;
	s->count--;
	if (c->answer)
		release(c->answer);
	free(c);
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		opened(ctx, connection, context);
	else if (*context)
		closed(ctx, *context);
}

/* ---- the loop */

/* Lets libmicrohttpd do what there is to do now, and sees to it that it is called again in time. */
static void run(struct metrics_server *s)
{
	MHD_UNSIGNED_LONG_LONG wait;

	MHD_run(s->http);
	cut_old(s);
	if (MHD_get_timeout(s->http, &wait) != MHD_YES || wait > LOOK_MS)
		wait = LOOK_MS;
	else if (!wait)
		wait = 1;
	if (s->count)
		uv_timer_start(&s->timer, on_timer, wait, 0);
	else
		uv_timer_stop(&s->timer);
}

static void on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	run(poll->data);
}

static struct MHD_Daemon *start(struct metrics_server *s, int fd)
{
	const struct MHD_OptionItem options[] = {
		{ MHD_OPTION_LISTEN_SOCKET, fd, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, 2 * METRICS_OPEN, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY, NULL },
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, s,
				MHD_OPTION_ARRAY, options, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
				MHD_OPTION_END);
}

int metrics_server_start(struct metrics_server *s, uv_loop_t *loop, int fd, struct tm_error *e)
{
	const union MHD_DaemonInfo *info;
	int err = uv_timer_init(loop, &s->timer);

	tzset(); /* reads a file, which the date of an answer would do later */
	s->timer.data = s->poll.data = s;
	if (!err) {
		s->http = start(s, fd);
		info = s->http ? MHD_get_daemon_info(s->http, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
		err = info ? uv_poll_init(loop, &s->poll, info->epoll_fd) : -EIO;
	}
	if (!err)
		err = uv_poll_start(&s->poll, UV_READABLE, on_ready);
	return err ? tm_error_code(e, err, "serving metrics: %s", uv_strerror(err)) : 0;
}

void metrics_server_stop(struct metrics_server *s)
{
	for (int format = TM_METRICS_OPEN; format <= TM_METRICS_PLAIN; format++)
		metrics_server_answer(s, format, NULL, 0); /* nobody may be left waiting */
	MHD_run(s->http);
	uv_close((uv_handle_t *)&s->poll, NULL);
	uv_close((uv_handle_t *)&s->timer, NULL);
	MHD_stop_daemon(s->http);
	s->http = NULL;
}
