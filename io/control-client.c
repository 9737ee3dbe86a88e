/* SPDX-License-Identifier: BSD-2-Clause */
#include "control-client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_BYTES (16u << 20) /* of an answer */
#define HELLO_SECONDS 10
#define WAIT_SECONDS 130 /* a reload may have to compile a lot */

static const char *socket_path(void)
{
	const char *path = getenv("TCPMSS_SOCKET");

	return path && *path ? path : IO_CONTROL_SOCKET;
}

static int no_memory(struct tm_error *e)
{
	return tm_error_code(e, -ENOMEM, "out of memory");
}

static void wait_at_most(struct io_control *c, long seconds)
{
	struct timeval wait = { .tv_sec = seconds };

	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
}

static int connect_to(struct io_control *c, const char *path, struct tm_error *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int err;

	if (strlen(path) >= sizeof(at.sun_path))
		return tm_error(e, "TCPMSS_SOCKET: a path has at most 107 bytes");
	strcpy(at.sun_path, path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd >= 0) {
		wait_at_most(c, HELLO_SECONDS);
		if (!connect(c->fd, (struct sockaddr *)&at, sizeof(at)))
			return 0;
	}
	err = -errno;
	if (err == -EACCES || err == -EPERM)
		return tm_error_code(e, -EACCES,
				     "no right to ask tcpmssd at %s: run as root or as a member of its group", path);
	if (err == -ENOENT || err == -ECONNREFUSED || err == -ENOTDIR)
		return tm_error_code(
			e, -ENOENT,
			"no tcpmssd at %s: start it with 'tcpmssd -f FILE', or name its socket in TCPMSS_SOCKET", path);
	return tm_error_code(e, err, "tcpmssd at %s: %s", path, strerror(-err));
}

/* ---- lines */

static int send_line(struct io_control *c, const char *text, size_t len, int fd, struct tm_error *e)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { (void *)text, len };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
						 .cmsg_level = SOL_SOCKET,
						 .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		m.msg_control = control.room;
		m.msg_controllen = sizeof(control.room);
	}
	while (part.iov_len) {
		ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		/* A daemon that has refused us says why, before it closes. */
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return 0;
		if (n < 0)
			return tm_error_code(e, -errno, "asking tcpmssd: %s", strerror(errno));
		part.iov_base = (char *)part.iov_base + n;
		part.iov_len -= (size_t)n;
		m.msg_control = NULL;
		m.msg_controllen = 0;
	}
	return 0;
}

static int make_room(struct io_control *c, struct tm_error *e)
{
	size_t room = c->room ? c->room * 2 : 4096;
	char *text;

	if (c->have < c->room)
		return 0;
	if (room > LINE_MAX_BYTES)
		return tm_error_code(e, -E2BIG, "tcpmssd answers with a line of more than %u MiB",
				     LINE_MAX_BYTES >> 20);
	text = realloc(c->text, room);
	if (!text)
		return no_memory(e);
	c->text = text;
	c->room = room;
	return 0;
}

/* The bytes of the next line, without its end. 0 or −errno. */
static int read_line(struct io_control *c, size_t *len, struct tm_error *e)
{
	size_t looked = 0;

	for (;;) {
		char *end = c->have > looked ? memchr(c->text + looked, '\n', c->have - looked) : NULL;
		ssize_t n;
		int err;

		if (end) {
			*len = (size_t)(end - c->text);
			return 0;
		}
		looked = c->have;
		err = make_room(c, e);
		if (err)
			return err;
		n = recv(c->fd, c->text + c->have, c->room - c->have, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tm_error_code(e, -errno, "tcpmssd does not answer: %s", strerror(errno));
		if (!n)
			return tm_error_code(e, -EPIPE, "tcpmssd has closed the connection");
		c->have += (size_t)n;
	}
}

int io_control_next(struct io_control *c, json_t **line, struct tm_error *e)
{
	size_t len = 0;
	int err = read_line(c, &len, e);

	if (err)
		return err;
	*line = json_loadb(c->text, len, 0, NULL);
	c->have -= len + 1;
	memmove(c->text, c->text + len + 1, c->have);
	return *line ? 0 : tm_error_code(e, -EPROTO, "tcpmssd answers with something that is not JSON");
}

/* ---- requests */

static int take_answer(struct io_control_answer *a, json_t *line, struct tm_error *e)
{
	const json_t *status = json_object_get(line, "status");
	const char *error = json_string_value(json_object_get(line, "error"));

	if (!json_is_integer(status))
		return tm_error_code(e, -EPROTO, "tcpmssd answers without a status");
	a->status = (int)json_integer_value(status);
	a->document = json_incref(json_object_get(line, "document"));
	a->error = a->status ? strdup(error ? error : "tcpmssd does not tell what is wrong") : NULL;
	return a->status && !a->error ? no_memory(e) : 0;
}

int io_control_ask(struct io_control *c, json_t *request, int fd, struct io_control_answer *answer, struct tm_error *e)
{
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) : 0;
	json_t *line = NULL;
	int err;

	*answer = (struct io_control_answer){ 0 };
	json_decref(request);
	if (!text)
		return no_memory(e);
	text[len] = '\n'; /* where its NUL was */
	err = send_line(c, text, len + 1, fd, e);
	free(text);
	if (!err)
		err = io_control_next(c, &line, e);
	if (!err)
		err = take_answer(answer, line, e);
	json_decref(line);
	return err;
}

/* Whether the daemon serves this network namespace. */
static int check_namespace(struct io_control *c, const char *path, struct tm_error *e)
{
	struct io_control_answer hello;
	const json_t *ns;
	struct stat here;
	int err = io_control_ask(c, json_pack("{s:s}", "verb", "hello"), -1, &hello, e);

	if (err)
		return err;
	ns = json_object_get(hello.document, "netns");
	if (hello.status)
		err = tm_error_code(e, -EAGAIN, "tcpmssd at %s: %s", path, hello.error);
	else if (stat("/proc/self/ns/net", &here))
		err = tm_error_code(e, -errno, "/proc/self/ns/net: %s", strerror(errno));
	else if (json_integer_value(json_object_get(ns, "dev")) != (json_int_t)here.st_dev ||
		 json_integer_value(json_object_get(ns, "inode")) != (json_int_t)here.st_ino)
		err = tm_error_code(e, -EXDEV, "tcpmssd at %s serves another network namespace", path);
	io_control_answer_free(&hello);
	return err;
}

int io_control_open(struct io_control *c, struct tm_error *e)
{
	const char *path = socket_path();
	int err;

	*c = (struct io_control){ .fd = -1 };
	err = connect_to(c, path, e);
	if (!err)
		err = check_namespace(c, path, e);
	if (err)
		io_control_close(c);
	else
		wait_at_most(c, WAIT_SECONDS);
	return err;
}

void io_control_answer_free(struct io_control_answer *answer)
{
	json_decref(answer->document);
	free(answer->error);
	*answer = (struct io_control_answer){ 0 };
}

void io_control_close(struct io_control *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->text);
	*c = (struct io_control){ .fd = -1 };
}
