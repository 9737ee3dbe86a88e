/* SPDX-License-Identifier: BSD-2-Clause */
#include "queue-worker.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/sandbox.h"

#define ROUNDS 16 /* of reading packets, before the manager gets its turn */

/* Puts an image in force, between two packets. Its descriptor is closed. 0 or −errno, and the old one stays. */
static int install(struct queue *q, const struct queue_order *order, int image)
{
	size_t size = order->words * sizeof(uint32_t);
	void *words = mmap(NULL, size, PROT_READ, MAP_SHARED, image, 0);
	int err = words == MAP_FAILED ? -errno : 0;

	close(image);
	if (err)
		return err;
	if (q->rules.image.image)
		munmap((void *)q->rules.image.image, q->rules.image.words * sizeof(uint32_t));
	q->rules.image = (struct pk_rules){ .image = words, .words = order->words };
	q->hooks = order->hooks;
	return 0;
}

/* One order of the manager. False at the end of the channel. */
static bool take_order(struct queue *q, int channel)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	struct queue_order order;
	struct iovec bytes = { .iov_base = &order, .iov_len = sizeof(order) };
	struct msghdr message = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	ssize_t n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	int32_t answer = -EBADMSG;
	int image;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (n == sizeof(order) && c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(image))) {
		memcpy(&image, CMSG_DATA(c), sizeof(image));
		answer = install(q, &order, image);
	}
	return send(channel, &answer, sizeof(answer), MSG_NOSIGNAL) == sizeof(answer);
}

/* 0, or −errno where the queue cannot be read any more. */
static int take_packets(struct queue *q)
{
	int n = IO_NFQUEUE_BATCH;

	for (int i = 0; i < ROUNDS && n == IO_NFQUEUE_BATCH; i++)
		n = io_nfqueue_read(&q->nfq, queue_take, q);
	return n >= 0 || n == -ENOBUFS || n == -ENOMEM ? 0 : n;
}

static int serve(struct queue *q, int channel)
{
	struct pollfd fds[] = { { .fd = io_nfqueue_fd(&q->nfq), .events = POLLIN },
				{ .fd = channel, .events = POLLIN } };
	int err;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[0].revents) {
			err = take_packets(q);
			if (err)
				return err;
		}
		if (fds[1].revents && !take_order(q, channel))
			return 0;
	}
}

/* No packet may be lost: from now on new ones pass by the queue, and those in it are still handled. */
static void drain(struct queue *q)
{
	if (io_nfqueue_retire(&q->nfq))
		return;
	while (io_nfqueue_read(&q->nfq, queue_take, q) > 0)
		;
}

int queue_worker_run(struct queue_start *start, int channel)
{
	struct queue *q = &start->queue;
	struct tm_error e;
	int err = sandbox_drop(SANDBOX_QUEUE, &e);

	q->tell = log_is_verbose();
	q->device_mtu = &start->shared->device_mtu;
	q->rules.learned = start->learned;
	q->tag = &start->shared->tag;
	q->counters = start->shared->counters;
	q->events = &start->shared->events;
	if (!err)
		err = sandbox_filter_calls(SANDBOX_QUEUE, &e);
	if (!err && install(q, &start->order, start->image))
		err = tm_error_code(&e, -ENOMEM, "no memory for the rules of queue %u", q->nfq.verdicts.queue);
	if (err)
		return daemon_fail(err, &e);
	err = serve(q, channel);
	if (err) {
		tm_error_code(&e, err, "reading queue %u: %s", q->nfq.verdicts.queue, strerror(-err));
		return daemon_fail(err, &e);
	}
	drain(q);
	return DAEMON_OK;
}
