/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "io/clock.h"

struct io_events_hook {
	struct io_events_hook *next;
	char name[IO_NAME], device[IF_NAMESIZE];
	struct io_ring ring;
	bool open; /* the ring is */
	bool alive; /* the hook is */
	bool seen; /* at this look */
	int trouble; /* −errno that was told already */
};

/* One look at all hooks. */
struct look {
	struct io_events *ev;
	struct io_bpffs fs;
	io_events_take take;
	void *ctx;
	struct tm_error *e;
};

static void tell(io_events_take take, void *ctx, enum tm_event_kind kind, const struct io_events_hook *h,
		 const char *text)
{
	struct tm_event event;

	tm_event_notice(&event, kind, io_clock_ns(CLOCK_REALTIME), h->name, h->device, text);
	if (take)
		take(ctx, &event);
}

static void tell_left_out(struct io_events_hook *h, io_events_take take, void *ctx)
{
	uint64_t count = io_ring_left_out(&h->ring);
	struct tm_event event;

	tm_event_notice(&event, TM_EVENT_LEFT_OUT, io_clock_ns(CLOCK_REALTIME), h->name, NULL, NULL);
	event.left_out.kernel = count;
	if (count && take)
		take(ctx, &event);
}

static struct io_events_hook *find(struct io_events *ev, const char *name)
{
	struct io_events_hook *h = ev->hooks;

	while (h && strcmp(h->name, name))
		h = h->next;
	return h;
}

static struct io_events_hook *add(struct io_events *ev, const char *name)
{
	struct io_events_hook *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	strcpy(h->name, name);
	h->next = ev->hooks;
	ev->hooks = h;
	return h;
}

/* The rest of a ring that is read no longer. */
static void end_ring(struct io_events *ev, struct io_events_hook *h, io_events_take take, void *ctx)
{
	if (!h->open)
		return;
	io_ring_end(&h->ring, take, ctx);
	tell_left_out(h, take, ctx);
	epoll_ctl(ev->epoll, EPOLL_CTL_DEL, io_ring_fd(&h->ring), NULL);
	io_ring_close(&h->ring);
	h->open = false;
}

static int start_ring(struct look *l, struct io_events_hook *h, struct io_hook *hook)
{
	struct epoll_event event = { .events = EPOLLIN };
	int err = io_ring_open(&h->ring, &l->fs, hook, l->e);

	if (err)
		return err;
	h->open = true;
	if (epoll_ctl(l->ev->epoll, EPOLL_CTL_ADD, io_ring_fd(&h->ring), &event))
		return tm_error_code(l->e, -errno, "waiting for events: %s", strerror(errno));
	err = io_ring_renew(&h->ring, l->ev->reasons, l->e);
	return err < 0 ? err : 0;
}

/* What cannot be watched now is told once and tried again; but at the start of a watch, for a reader that is in the way. */
static int look_at(struct io_hook *hook, void *ctx)
{
	struct look *l = ctx;
	struct io_events_hook *h = find(l->ev, hook->meta.name);
	bool alive = hook->alive;
	int err = 0;

	if (*l->ev->only && strcmp(l->ev->only, hook->meta.name))
		return 0;
	if (!h)
		h = add(l->ev, hook->meta.name);
	if (!h)
		return tm_error_code(l->e, -ENOMEM, "out of memory");
	strcpy(h->device, hook->meta.device);
	h->seen = true;
	if (h->open && !io_ring_is_of(&h->ring, hook)) {
		end_ring(l->ev, h, l->take, l->ctx);
		tell(l->take, l->ctx, TM_EVENT_DETACHED, h, NULL);
		h->alive = false;
	}
	if (!h->open && hook->maps.rules >= 0)
		err = start_ring(l, h, hook);
	if (err && !l->ev->started && (err == -EBUSY || err == -EPERM))
		return err;
	if (err && err != h->trouble)
		tell(l->take, l->ctx, TM_EVENT_ERROR, h, l->e->text);
	h->trouble = err;
	if (alive != h->alive && l->ev->started)
		tell(l->take, l->ctx, alive ? TM_EVENT_ATTACHED : TM_EVENT_DETACHED, h, alive ? NULL : hook->trouble);
	h->alive = alive;
	return 0;
}

static void drop_gone(struct look *l)
{
	struct io_events_hook **at = &l->ev->hooks;

	while (*at) {
		struct io_events_hook *h = *at;

		if (h->seen) {
			at = &h->next;
			continue;
		}
		end_ring(l->ev, h, l->take, l->ctx);
		if (h->alive)
			tell(l->take, l->ctx, TM_EVENT_DETACHED, h, NULL);
		*at = h->next;
		free(h);
	}
}

static int renew(struct io_events *ev, struct io_events_hook *h, io_events_take take, void *ctx, struct tm_error *e)
{
	int late = io_ring_renew(&h->ring, ev->reasons, e);
	char text[120];

	if (late > 0) {
		snprintf(text, sizeof(text),
			 "the watch slept: what happened in %d.%03d s is neither told nor counted as left out",
			 late / 1000, late % 1000);
		tell(take, ctx, TM_EVENT_ERROR, h, text);
	}
	return late < 0 ? late : 0;
}

int io_events_tick(struct io_events *ev, uint32_t reasons, io_events_take take, void *ctx, struct tm_error *e)
{
	struct look l = { .ev = ev, .take = take, .ctx = ctx, .e = e };
	int err = 0;

	ev->reasons = reasons;
	for (struct io_events_hook *h = ev->hooks; h && !err; h = h->next) {
		h->seen = false;
		if (h->open)
			err = renew(ev, h, take, ctx, e);
	}
	if (!err)
		err = io_bpffs_open(&l.fs, false, e);
	if (err)
		return err;
	err = io_hook_each(look_at, &l, e);
	io_bpffs_close(&l.fs);
	if (err)
		return err;
	drop_gone(&l);
	ev->started = true;
	for (struct io_events_hook *h = ev->hooks; h; h = h->next) {
		if (!h->open)
			continue;
		io_ring_read(&h->ring, take, ctx); /* in front of what was left out meanwhile */
		tell_left_out(h, take, ctx);
	}
	return 0;
}

/* Where there are no hooks yet, nothing else tells whether this process may read rings. */
static int check_privilege(struct tm_error *e)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int fd = bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, "tm_probe", 8, 4, 1, &opts);

	if (fd == -EPERM)
		return io_bpf_error(e, fd, "watching hooks");
	if (fd >= 0)
		close(fd);
	return 0;
}

int io_events_open(struct io_events *ev, const char *only, struct tm_error *e)
{
	*ev = (struct io_events){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
	snprintf(ev->only, sizeof(ev->only), "%s", only);
	if (ev->epoll < 0)
		return tm_error_code(e, -errno, "waiting for events: %s", strerror(errno));
	return check_privilege(e);
}

int io_events_fd(const struct io_events *ev)
{
	return ev->epoll;
}

void io_events_read(struct io_events *ev, io_events_take take, void *ctx)
{
	for (struct io_events_hook *h = ev->hooks; h; h = h->next)
		if (h->open)
			io_ring_read(&h->ring, take, ctx);
}

unsigned io_events_hooks(const struct io_events *ev)
{
	unsigned n = 0;

	for (const struct io_events_hook *h = ev->hooks; h; h = h->next)
		n += h->open;
	return n;
}

void io_events_end(struct io_events *ev, io_events_take take, void *ctx)
{
	while (ev->hooks) {
		struct io_events_hook *h = ev->hooks;

		end_ring(ev, h, take, ctx);
		ev->hooks = h->next;
		free(h);
	}
	ev->started = false;
}

void io_events_close(struct io_events *ev)
{
	io_events_end(ev, NULL, NULL);
	if (ev->epoll >= 0)
		close(ev->epoll);
	ev->epoll = -1;
}
