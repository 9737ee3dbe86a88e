/* SPDX-License-Identifier: BSD-2-Clause */
#include "queue-hook.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/child.h"
#include "hooks.h"
#include "io/clock.h"
#include "io/hook/hook.h"
#include "daemon/learner/learner.h"
#include "daemon/log.h"
#include "daemon/queue/queue-worker.h"

#define ANSWER_WAIT 1000 /* ms */

struct queue_hook {
	char name[TM_HOOK_NAME];
	struct child child;
	struct queue_shared *shared;
	struct tm_bpf_counters baseline[TM_DIRECTIONS];
	uint16_t queue;
	struct pk_learned_table learned; /* what its worker looks into */
	uint32_t beside; /* ifindex where programs learn for it; 0: nowhere */
	struct queue_order order;
	int image; /* descriptor, for this worker and the next; -1: none yet */
	struct queue_start *start; /* between prepare and started */
	uint64_t left_out; /* events, as far as that was told */
};

/* ---- the worker's life */

static int prepare(void *ctx, struct tm_error *e)
{
	struct queue_hook *q = ctx;
	int err;

	q->start = calloc(1, sizeof(*q->start));
	if (!q->start)
		return tm_error_code(e, -ENOMEM, "out of memory");
	err = io_nfqueue_open(&q->start->queue.nfq, q->queue, e);
	if (err) {
		free(q->start);
		q->start = NULL;
		return err;
	}
	q->start->order = q->order;
	q->start->image = q->image;
	q->start->shared = q->shared;
	q->start->learned = q->learned;
	q->child.keep[0] = io_nfqueue_fd(&q->start->queue.nfq);
	q->child.keep[1] = q->image;
	return 0;
}

static int run(void *ctx, int channel)
{
	struct queue_hook *q = ctx;

	return queue_worker_run(q->start, channel);
}

/* The queue is the worker's now: it stays bound until that one ends. */
static void started(void *ctx)
{
	struct queue_hook *q = ctx;

	io_nfqueue_close(&q->start->queue.nfq);
	free(q->start);
	q->start = NULL;
	if (q->child.pid)
		log_line(LOG_NOTICE, "hook %s: reads queue %u", q->name, q->queue);
}

static int start(struct queue_hook *q, struct tm_error *e)
{
	q->child = (struct child){ .prepare = prepare, .run = run, .started = started, .ctx = q };
	snprintf(q->child.what, sizeof(q->child.what), "hook %s: its worker", q->name);
	return child_start(&q->child, e);
}

/* ---- rules */

/* A copy of the image that processes can share. Its descriptor, or −errno with *e filled. */
static int share(const struct tm_image *image, struct tm_error *e)
{
	size_t size = image->count * sizeof(*image->words), done = 0;
	int fd = memfd_create("tcpmss-rules", MFD_CLOEXEC);
	ssize_t n = 0;

	while (fd >= 0 && done < size && (n = write(fd, (const char *)image->words + done, size - done)) > 0)
		done += n;
	if (fd >= 0 && done == size)
		return fd;
	tm_error_code(e, -errno, "memory for rules: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -ENOMEM;
}

/* Hands the rules to the worker and waits until it has them in force. 0 or −errno. */
static int tell(struct queue_hook *q)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec bytes = { .iov_base = &q->order, .iov_len = sizeof(q->order) };
	struct msghdr message = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	struct pollfd wait = { .fd = q->child.channel, .events = POLLIN };
	int32_t answer;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &q->image, sizeof(int));
	if (sendmsg(wait.fd, &message, MSG_NOSIGNAL) != sizeof(q->order))
		return -errno;
	if (poll(&wait, 1, ANSWER_WAIT) <= 0)
		return -ETIMEDOUT;
	return recv(wait.fd, &answer, sizeof(answer), MSG_DONTWAIT) == sizeof(answer) ? answer : -EPIPE;
}

/* ---- devices: their MTU matters, and what is learned there */

/* A queue gets SYNs only: programs on its device see the rest. */
static void learn(struct hook_state *s)
{
	const struct io_learn_maps *maps = learner_maps(s->hooks->learner);
	struct queue_hook *q = s->own;
	struct tm_error e;

	__atomic_store_n(&q->shared->tag, s->ifindex[0], __ATOMIC_RELAXED);
	if (!maps || !s->ifindex[0] || q->beside == s->ifindex[0])
		return;
	if (io_hook_learn_beside(q->name, s->config->device, maps, &e))
		log_line(LOG_ERR, "hook %s: learning paths on %s: %s", q->name, s->config->device, e.text);
	else
		q->beside = s->ifindex[0];
}

static void learn_no_more(struct queue_hook *q)
{
	struct tm_error e;

	if (q->beside && io_hook_learn_no_more(q->name, &e))
		log_line(LOG_ERR, "hook %s: %s", q->name, e.text);
	q->beside = 0;
}

static void set_mtu(struct hook_state *s, const struct io_device *device)
{
	struct queue_hook *q = s->own;

	s->ifindex[0] = device->index;
	learn(s);
	if (!device->mtu || device->mtu == q->shared->device_mtu)
		return;
	__atomic_store_n(&q->shared->device_mtu, device->mtu, __ATOMIC_RELAXED);
	log_line(LOG_NOTICE, "hook %s: the MTU of %s is %u", q->name, device->name, device->mtu);
}

static void find_device(struct hook_state *s)
{
	struct queue_hook *q = s->own;
	struct io_device device;
	struct tm_error e;

	s->ifindex[0] = 0;
	__atomic_store_n(&q->shared->tag, 0, __ATOMIC_RELAXED);
	if (!*s->config->device) {
		learn_no_more(q); /* there may have been a device */
		return;
	}
	if (!io_device_find(&device, s->config->device, &e))
		set_mtu(s, &device);
	else if (q->shared->device_mtu)
		log_line(LOG_NOTICE, "hook %s: %s is not there: the MTU stays %u until it comes", q->name,
			 s->config->device, q->shared->device_mtu);
	else
		log_line(LOG_NOTICE, "hook %s: %s is not there: no limit by its MTU until it comes", q->name,
			 s->config->device);
}

static bool device_news(struct hook_state *s, const struct io_device *device, bool gone)
{
	bool named = !strcmp(s->config->device, device->name);
	struct queue_hook *q = s->own;

	if (named && !gone) {
		set_mtu(s, device);
	} else if (s->ifindex[0] == device->index && device->index) {
		log_line(LOG_NOTICE, "hook %s: %s has gone: its last MTU stays until it comes back", s->config->name,
			 s->config->device);
		s->ifindex[0] = 0;
		q->beside = 0;
		learn(s);
	}
	return false;
}

static bool look(struct hook_state *s)
{
	struct io_device device;
	struct tm_error e;

	if (*s->config->device && !io_device_find(&device, s->config->device, &e))
		set_mtu(s, &device);
	return false;
}

/* ---- the hook */

static int make(struct hook_state *s, struct tm_error *e)
{
	struct queue_hook *q = calloc(1, sizeof(*q));
	struct tm_error ignored;

	if (!q)
		return tm_error_code(e, -ENOMEM, "out of memory");
	q->shared = mmap(NULL, sizeof(*q->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (q->shared == MAP_FAILED) {
		free(q);
		return tm_error_code(e, -ENOMEM, "out of memory");
	}
	strcpy(q->name, s->config->name);
	q->image = -1;
	s->own = q;
	io_hook_detach(q->name, &ignored); /* one of another mode, that an earlier daemon left */
	return 0;
}

static int settle(struct hook_state *s, const struct tm_image *image, struct tm_error *e)
{
	const struct tm_config_hook *config = s->config;
	int err = s->own ? 0 : make(s, e), fd;
	struct queue_hook *q = s->own;
	struct pk_learned_table learned = learner_table(s->hooks->learner);
	bool same;

	if (err)
		return err;
	fd = share(image, e);
	if (fd < 0)
		return fd;
	same = q->image >= 0 && q->queue == config->queue && q->learned.head == learned.head;
	q->learned = learned;
	if (q->image >= 0)
		close(q->image);
	q->image = fd;
	q->queue = (uint16_t)config->queue;
	q->order.words = image->count;
	q->order.hooks = (config->directions & 1 << TM_OUT ? QUEUE_OUTGOING : 0) |
			 (config->directions & 1 << TM_IN ? QUEUE_INCOMING : 0);
	find_device(s);
	if (same && !q->child.pid) /* it gets them when it is started again */
		return 0;
	if (same) {
		err = tell(q);
		log_line(err ? LOG_ERR : LOG_NOTICE,
			 err ? "hook %s: its worker does not answer, a new one takes its place" :
			       "hook %s: new rules in force",
			 q->name);
		if (!err)
			return 0;
	}
	if (q->child.run)
		child_stop(&q->child);
	return start(q, e);
}

static int detach(struct hook_state *s, bool leave, struct tm_error *e)
{
	struct queue_hook *q = s->own;

	if (!q)
		return 0;
	if (q->child.run)
		child_stop(&q->child);
	learn_no_more(q);
	if (q->image >= 0)
		close(q->image);
	munmap(q->shared, sizeof(*q->shared));
	free(q);
	s->own = NULL;
	return 0;
}

const struct hook_kind hook_on_queue = { .settle = settle, .device = device_news, .look = look, .detach = detach };

/* ---- what is told of it */

void queue_hook_view(const struct hook_state *s, struct queue_hook_view *view)
{
	const struct queue_hook *q = s->own;

	*view = (struct queue_hook_view){ 0 };
	if (!q)
		return;
	view->worker = q->child.pid;
	view->alive = q->child.pid;
	view->device_mtu = q->shared->device_mtu;
}

void queue_hook_stats(const struct hook_state *s, enum io_stats what, struct tm_hook_counters *counters)
{
	struct tm_bpf_counters now[TM_DIRECTIONS] = { 0 };
	struct queue_hook *q = s->own;

	*counters = (struct tm_hook_counters){ 0 };
	if (!q)
		return;
	memcpy(now, q->shared->counters, sizeof(now));
	tm_hook_counters_since(counters, now, q->baseline);
	if (what != IO_STATS_GET)
		memcpy(q->baseline, now, sizeof(now));
}

void queue_hook_watch(const struct hook_state *s, uint32_t reasons, io_events_take take, void *ctx)
{
	struct queue_hook *q = s->own;
	struct queue_events *events;
	struct tm_event event;
	uint64_t left_out;

	if (!q)
		return;
	events = &q->shared->events;
	if (!queue_events_watched(events)) { /* what an earlier watch left */
		__atomic_store_n(&events->tail, events->head, __ATOMIC_RELEASE);
		q->left_out = events->left_out;
	}
	__atomic_store_n(&events->reasons, reasons, __ATOMIC_RELAXED);
	queue_events_read(events, q->name, take, ctx);
	left_out = __atomic_load_n(&events->left_out, __ATOMIC_RELAXED);
	if (left_out == q->left_out)
		return;
	tm_event_notice(&event, TM_EVENT_LEFT_OUT, io_clock_ns(CLOCK_REALTIME), q->name, NULL, NULL);
	event.left_out.kernel = left_out - q->left_out;
	q->left_out = left_out;
	take(ctx, &event);
}
