/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel between manager and front: messages whole and in pieces, those that are refused, descriptors, and what happens
 * where the other side does not read.
 */
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/channel-parts.h"

static struct channel_inbox in;
static struct channel_message got;
static struct tm_error error;

static struct channel_header head(uint32_t type, uint32_t total, uint32_t offset)
{
	return (struct channel_header){
		.magic = CHANNEL_MAGIC, .type = type, .id = 7, .status = 3, .total = total, .offset = offset
	};
}

/* A packet with `len` bytes of body behind that header. */
static int packet(struct channel_header h, const char *body, size_t len, int fd)
{
	char *bytes = malloc(sizeof(h) + len); /* as long as it is, for the sanitizer */
	int done;

	memcpy(bytes, &h, sizeof(h));
	memcpy(bytes + sizeof(h), body, len);
	done = channel_inbox_take(&in, bytes, sizeof(h) + len, fd, &got, &error);
	free(bytes);
	return done;
}

static int set_up(void **state)
{
	channel_inbox_init(&in, false);
	return 0;
}

static int tear_down(void **state)
{
	channel_inbox_free(&in);
	return 0;
}

static void test_split_anywhere(void **state)
{
	const char text[] = "an answer that comes in two pieces";
	const size_t len = strlen(text);

	for (size_t at = 1; at < len; at++) {
		assert_int_equal(packet(head(CHANNEL_ANSWER, len, 0), text, at, -1), 0);
		assert_int_equal(packet(head(CHANNEL_ANSWER, len, at), text + at, len - at, -1), 1);
		assert_string_equal(got.body, text);
		assert_int_equal(got.len, len);
		assert_int_equal(got.id, 7);
		assert_int_equal(got.status, 3);
		assert_int_equal(got.fd, -1);
	}
	for (size_t at = 0; at < len; at++)
		assert_int_equal(packet(head(CHANNEL_ANSWER, len, at), text + at, 1, -1), at == len - 1);
	assert_string_equal(got.body, text);
	assert_int_equal(packet(head(CHANNEL_ANSWER, 0, 0), "", 0, -1), 1);
	assert_string_equal(got.body, "");
}

static void refused(struct channel_header h, size_t len)
{
	static const char zeros[CHANNEL_PIECE + 1];

	assert_int_equal(packet(h, zeros, len, -1), -EPROTO);
	assert_true(strlen(error.text) > 10);
	assert_null(in.body);
}

static void test_refused(void **state)
{
	struct channel_header h = head(CHANNEL_ANSWER, 4, 0);
	static const char zeros[sizeof(struct channel_request)];

	for (size_t len = 0; len < sizeof(h); len++)
		assert_int_equal(channel_inbox_take(&in, &h, len, -1, &got, &error), -EPROTO);
	refused(head(CHANNEL_ANSWER, CHANNEL_PIECE + 1, 0), CHANNEL_PIECE + 1);
	refused(head(CHANNEL_ANSWER, 4, 0), 5);
	refused(head(CHANNEL_ANSWER, 4, 0), 0);
	refused(head(CHANNEL_ANSWER, 4, 1), 3);
	refused(head(CHANNEL_ANSWER, 4, 5), 1);
	refused(head(CHANNEL_ANSWER, CHANNEL_ANSWER_MAX + 1, 0), 4);
	refused(head(CHANNEL_ANSWER, ~0u, 0), 4);
	refused(head(CHANNEL_EVENT, 0, 0), 0);
	refused(head(CHANNEL_EVENT, CHANNEL_EVENT_MAX + 1, 0), 4);
	refused(head(0, 4, 0), 4);
	refused(head(4, 4, 0), 4);
	h.magic++;
	refused(h, 4);
	assert_int_equal(packet(head(CHANNEL_ASK, sizeof(zeros), 0), zeros, sizeof(zeros), -1), -EPROTO);
}

/* Each word of the second header may spoil the message. */
static void test_pieces_of_another(void **state)
{
	struct channel_header second = head(CHANNEL_ANSWER, 8, 4);

	for (size_t word = 0; word < sizeof(second) / 4; word++) {
		struct channel_header h = second;

		((uint32_t *)&h)[word]++;
		assert_int_equal(packet(head(CHANNEL_ANSWER, 8, 0), "four", 4, -1), 0);
		refused(h, 4);
	}
	assert_int_equal(packet(head(CHANNEL_ANSWER, 8, 0), "four", 4, -1), 0);
	refused(head(CHANNEL_ANSWER, 8, 0), 4); /* begins again */
	assert_int_equal(packet(head(CHANNEL_ANSWER, 8, 0), "four", 4, -1), 0);
	refused(second, 5); /* goes on beyond its end */
}

static int ask(const struct channel_request *r)
{
	return packet(head(CHANNEL_ASK, sizeof(*r), 0), (const char *)r, sizeof(*r), -1);
}

static void test_requests(void **state)
{
	const struct channel_request good = { .verb = CHANNEL_STATS, .hook = "wan" };
	struct channel_request r;

	channel_inbox_init(&in, true);
	assert_int_equal(ask(&good), 1);
	assert_memory_equal(got.body, &good, sizeof(good));
	for (uint32_t verb = 0; verb < CHANNEL_VERBS + 2; verb++) {
		r = good;
		r.verb = verb;
		assert_int_equal(ask(&r), verb && verb < CHANNEL_VERBS ? 1 : -EPROTO);
	}
	r = good;
	r.what = 3;
	assert_int_equal(ask(&r), -EPROTO);
	r = good;
	r.ipv6 = 2;
	assert_int_equal(ask(&r), -EPROTO);
	r = good;
	r.confirm = CHANNEL_CONFIRM_MAX + 1;
	assert_int_equal(ask(&r), -EPROTO);
	r = good;
	memset(r.hook, 'a', sizeof(r.hook));
	assert_int_equal(ask(&r), -EPROTO);
	strcpy(r.hook, "../wan");
	assert_int_equal(ask(&r), -EPROTO);
	assert_int_equal(packet(head(CHANNEL_ASK, 8, 0), (const char *)&good, 8, -1), -EPROTO);
	assert_int_equal(packet(head(CHANNEL_ANSWER, 4, 0), "text", 4, -1), -EPROTO);
}

static bool closed(int fd)
{
	return fcntl(fd, F_GETFD) < 0;
}

/* The manager may get one, with the first piece; what is refused is closed. */
static void test_descriptors(void **state)
{
	const struct channel_request r = { .verb = CHANNEL_RELOAD };
	const char *bytes = (const char *)&r;
	int fd = dup(0);

	assert_int_equal(packet(head(CHANNEL_ANSWER, 4, 0), "text", 4, fd), -EPROTO);
	assert_true(closed(fd));
	channel_inbox_init(&in, true);
	fd = dup(0);
	assert_int_equal(packet(head(CHANNEL_ASK, sizeof(r), 0), bytes, sizeof(r), fd), 1);
	assert_int_equal(got.fd, fd);
	assert_int_equal(packet(head(CHANNEL_ASK, sizeof(r), 0), bytes, 8, fd), 0);
	assert_int_equal(packet(head(CHANNEL_ASK, sizeof(r), 8), bytes + 8, sizeof(r) - 8, -1), 1);
	assert_int_equal(got.fd, fd);
	assert_int_equal(packet(head(CHANNEL_ASK, sizeof(r), 0), bytes, 8, fd), 0);
	assert_int_equal(packet(head(CHANNEL_ASK, sizeof(r), 8), bytes + 8, 8, dup(0)), -EPROTO);
	assert_true(closed(fd));
	fd = dup(0);
	assert_int_equal(packet(head(CHANNEL_ASK, sizeof(r), 0), bytes, 8, fd), 0);
	channel_inbox_free(&in);
	assert_true(closed(fd));
}

/* ---- over sockets */

struct end {
	struct channel channel;
	unsigned messages;
	size_t len;
	int fd;
	char why[80];
};

/* Byte i of an answer is 7 i. */
static void look(const struct channel_message *m)
{
	for (size_t i = 0; i < m->len; i += 4093)
		assert_int_equal((uint8_t)m->body[i], (uint8_t)(i * 7));
}

static void take(void *ctx, const struct channel_message *m)
{
	struct end *e = ctx;

	e->messages++;
	e->len += m->len;
	e->fd = m->fd;
	if (m->type == CHANNEL_ANSWER)
		look(m);
}

static void ended(void *ctx, const char *why)
{
	struct end *e = ctx;

	snprintf(e->why, sizeof(e->why), "%s", why);
}

static void open_ends(uv_loop_t *loop, struct end *manager, struct end *front)
{
	int fds[2];

	assert_int_equal(uv_loop_init(loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	for (int i = 0; i < 2; i++) {
		struct end *e = i ? front : manager;

		*e = (struct end){ .channel = { .take = take, .ended = ended, .ctx = e }, .fd = -1 };
		assert_int_equal(channel_open(&e->channel, loop, fds[i], !i), 0);
	}
}

static void close_ends(uv_loop_t *loop, struct end *manager, struct end *front)
{
	channel_close(&manager->channel, NULL);
	channel_close(&front->channel, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(loop), 0);
}

/* More than the socket holds, and the bound on what waits. */
static void test_long_answers(void **state)
{
	const size_t len = 3000000;
	uint8_t *text = malloc(len);
	struct end manager, front;
	uv_loop_t loop;

	for (size_t i = 0; i < len; i++)
		text[i] = (uint8_t)(i * 7);
	open_ends(&loop, &manager, &front);
	for (int i = 0; i < 2; i++)
		assert_int_equal(channel_send(&manager.channel, head(CHANNEL_ANSWER, 0, 0), text, len, -1, 2 * len), 0);
	assert_int_equal(channel_send(&manager.channel, head(CHANNEL_ANSWER, 0, 0), text, len, -1, 2 * len), -ENOBUFS);
	assert_int_equal(channel_send(&manager.channel, head(CHANNEL_ANSWER, 0, 0), text, CHANNEL_ANSWER_MAX + 1, -1,
				      ~0u),
			 -ENOBUFS);
	while (front.messages < 2)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(front.len, 2 * len);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(manager.channel.queued, 0);
	assert_null(manager.channel.first);
	close_ends(&loop, &manager, &front);
	free(text);
}

/* It arrives as another number for the same file, and the sender's own is closed. */
static void test_passing_a_descriptor(void **state)
{
	const struct channel_request r = { .verb = CHANNEL_RELOAD };
	struct end manager, front;
	uv_loop_t loop;
	int pair[2];

	open_ends(&loop, &manager, &front);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(channel_send(&front.channel, head(CHANNEL_ASK, 0, 0), &r, sizeof(r), pair[1], 1000), 0);
	while (!manager.messages)
		uv_run(&loop, UV_RUN_ONCE);
	assert_true(closed(pair[1]) || manager.fd == pair[1]);
	assert_int_equal(write(manager.fd, "x", 1), 1);
	assert_int_equal(close(manager.fd), 0);
	assert_int_equal(read(pair[0], &(char){ 0 }, 1), 1);
	assert_int_equal(read(pair[0], &(char){ 0 }, 1), 0);
	close(pair[0]);
	close_ends(&loop, &manager, &front);
}

/* What one side must not say ends the channel of the other, and with it its own. */
static void test_ends(void **state)
{
	struct end manager, front;
	uv_loop_t loop;

	open_ends(&loop, &manager, &front);
	assert_int_equal(channel_send(&front.channel, head(CHANNEL_ANSWER, 0, 0), "x", 1, -1, 1000), 0);
	while (!*front.why)
		uv_run(&loop, UV_RUN_ONCE);
	assert_string_equal(manager.why, "a message of no known kind or length");
	assert_int_equal(manager.channel.fd, -1);
	assert_int_equal(channel_send(&manager.channel, head(CHANNEL_ANSWER, 0, 0), "x", 1, -1, 1000), -EPIPE);
	close_ends(&loop, &manager, &front);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(test_split_anywhere, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_pieces_of_another, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_requests, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_descriptors, set_up, tear_down),
	cmocka_unit_test(test_long_answers),
	cmocka_unit_test(test_passing_a_descriptor),
	cmocka_unit_test(test_ends),
};

TEST_MAIN(tests, NULL, NULL)
