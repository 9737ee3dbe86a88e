/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading, scanning and writing as three gates in a row. Each thread carries a window of its own through all of them;
 * at each gate windows pass one at a time and in the order of the file. So two processors share the work evenly
 * whatever the packets cost, and a machine that gives no threads does it with one.
 *
 * What belongs to a gate (the capture and the unused rest to IO_SCAN, and so on) is touched only inside it.
 */
#include "stream.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "write.h"

#define WORKERS 2 /* reading and scanning take about as long as writing: more only wait */
#define READ (512u << 10)
#define FRONT (64u << 10) /* before what is read: the rest of the window before, so that reading stays aligned */

enum gate { GATE_READ, GATE_SCAN, GATE_WRITE, GATES };

struct buffer {
	uint8_t *data;
	size_t len, room; /* room: without IO_GROWTH */
};

struct line;

struct worker {
	struct line *line;
	unsigned number;
	pthread_t thread;
	struct buffer buffer;
	struct io_window window;
	sem_t open[GATES];
};

struct line {
	const struct io_stream *stream;
	struct io_capture *capture;
	bool live; /* the input may pause: then nothing is read before all that came is scanned */
	unsigned workers;
	struct worker worker[WORKERS];
	struct buffer rest; /* of the last window: the front of a record */
	atomic_bool stop; /* nothing more is to be read */
	int error[GATES]; /* -errno */
};

static void enter(struct worker *me, enum gate gate)
{
	while (sem_wait(&me->open[gate]) < 0 && errno == EINTR)
		;
}

static void leave(struct worker *me, enum gate gate)
{
	struct line *l = me->line;

	sem_post(&l->worker[(me->number + 1) % l->workers].open[gate]);
}

static void fail(struct line *l, enum gate gate, int error)
{
	l->error[gate] = error;
	l->stop = true;
}

static bool room_for(struct buffer *b, size_t room)
{
	uint8_t *data;

	if (b->room >= room)
		return true;
	room = (room + 4095) / 4096 * 4096;
	data = aligned_alloc(4096, room + 4096);
	if (!data)
		return false;
	if (b->len)
		memcpy(data, b->data, b->len);
	free(b->data);
	b->data = data;
	b->room = room;
	return true;
}

static ssize_t read_some(int fd, uint8_t *data, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		ssize_t n = read(fd, data, len);

		if (n >= 0)
			return n;
		if (errno == EAGAIN)
			poll(&p, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
}

/* Fills the buffer behind FRONT. Returns how much came; 0: the input is over. */
static size_t take_in(struct worker *me)
{
	struct line *l = me->line;
	ssize_t n = -ENOMEM;

	me->buffer.len = 0;
	if (room_for(&me->buffer, FRONT + READ))
		n = read_some(l->stream->in, me->buffer.data + FRONT, READ);
	if (n < 0)
		fail(l, GATE_READ, n);
	else if (n == 0)
		l->stop = true;
	return n < 0 ? 0 : n;
}

static bool append_rest(struct line *l, const uint8_t *data, size_t len)
{
	size_t room = l->rest.len + len;

	/* All that the scanner waits for at once, so that a long packet is not copied again and again. */
	if (room > l->rest.room && !room_for(&l->rest, room > l->capture->need ? room : l->capture->need + READ)) {
		fail(l, GATE_SCAN, -ENOMEM);
		return false;
	}
	if (len)
		memcpy(l->rest.data + l->rest.len, data, len);
	l->rest.len += len;
	return true;
}

/*
 * Puts the rest and the n bytes behind FRONT together as the window. False: they are not all that the scanner wants,
 * and have become the rest.
 */
static bool make_window(struct worker *me, size_t n)
{
	struct line *l = me->line;
	struct io_window *w = &me->window;
	struct buffer *b = &me->buffer, whole;

	if (l->rest.len <= FRONT && l->rest.len + n >= l->capture->need) {
		w->data = b->data + FRONT - l->rest.len;
		w->len = l->rest.len + n;
		if (l->rest.len)
			memcpy(w->data, l->rest.data, l->rest.len);
		l->rest.len = 0;
		return true;
	}
	if (!append_rest(l, b->data + FRONT, n) || l->rest.len < l->capture->need)
		return false;
	whole = l->rest;
	l->rest = *b;
	l->rest.len = 0;
	*b = whole;
	w->data = b->data;
	w->len = b->len;
	return true;
}

/* Leaves in the window what is to be written. */
static void scan(struct worker *me, size_t n)
{
	struct line *l = me->line;
	struct io_window *w = &me->window;
	struct io_capture *c = l->capture;
	size_t used;

	w->len = w->n_inserts = 0;
	w->fixup.set = false;
	if (c->state != IO_CAPTURE_OK || l->error[GATE_READ] || l->error[GATE_SCAN])
		return;
	if (n == 0) {
		io_capture_end(c, w, l->rest.len);
		return;
	}
	if (!make_window(me, n))
		return;
	used = io_capture_scan(c, w);
	append_rest(l, w->data + used, w->len - used);
	w->len = used;
	if (c->state != IO_CAPTURE_OK)
		l->stop = true;
	if (l->stream->progress)
		l->stream->progress(l->stream->ctx, c->base);
}

static void put_out(struct worker *me)
{
	struct line *l = me->line;
	int error;

	if (l->error[GATE_WRITE])
		return;
	error = io_write_window(l->stream->out, &me->window);
	if (error)
		fail(l, GATE_WRITE, error);
}

static void *work(void *arg)
{
	struct worker *me = arg;
	struct line *l = me->line;
	bool last = false;

	while (!last) {
		size_t n;

		enter(me, GATE_READ);
		last = l->stop;
		n = last ? 0 : take_in(me);
		if (!l->live)
			leave(me, GATE_READ);

		enter(me, GATE_SCAN);
		if (!last)
			scan(me, n);
		leave(me, GATE_SCAN);
		if (l->live)
			leave(me, GATE_READ);

		enter(me, GATE_WRITE);
		if (!last)
			put_out(me);
		leave(me, GATE_WRITE);
	}
	return NULL;
}

/* Starts what threads there are to be had, the caller's being one; then opens the gates to the first. */
static void start(struct line *l)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		l->worker[i].line = l;
		l->worker[i].number = i;
		for (int gate = 0; gate < GATES; gate++)
			sem_init(&l->worker[i].open[gate], 0, 0);
	}
	l->workers = 1;
	while (l->workers < WORKERS &&
	       pthread_create(&l->worker[l->workers].thread, NULL, work, &l->worker[l->workers]) == 0)
		l->workers++;
	for (int gate = 0; gate < GATES; gate++)
		sem_post(&l->worker[0].open[gate]);
}

static void finish(struct line *l)
{
	for (unsigned i = 1; i < l->workers; i++)
		pthread_join(l->worker[i].thread, NULL);
	for (unsigned i = 0; i < WORKERS; i++) {
		free(l->worker[i].buffer.data);
		io_window_free(&l->worker[i].window);
		for (int gate = 0; gate < GATES; gate++)
			sem_destroy(&l->worker[i].open[gate]);
	}
	free(l->rest.data);
}

static int first_error(const struct line *l, enum io_stream_step *failed)
{
	static const enum io_stream_step steps[GATES] = { IO_STREAM_READ, IO_STREAM_MEMORY, IO_STREAM_WRITE };

	for (int gate = GATES - 1; gate >= 0; gate--) {
		if (l->error[gate]) {
			*failed = steps[gate];
			return l->error[gate];
		}
	}
	return 0;
}

int io_stream_run(const struct io_stream *s, struct io_capture *c, enum io_stream_step *failed)
{
	struct line l = { .stream = s, .capture = c };
	struct stat st;
	int error;

	l.live = fstat(s->in, &st) < 0 || !S_ISREG(st.st_mode);
	start(&l);
	work(&l.worker[0]);
	finish(&l);
	error = first_error(&l, failed);
	if (!error && c->seekable && c->state == IO_CAPTURE_TRUNCATED && ftruncate(s->out, c->whole.output) < 0) {
		*failed = IO_STREAM_WRITE;
		error = -errno;
	}
	return error;
}
