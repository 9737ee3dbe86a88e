/* SPDX-License-Identifier: BSD-2-Clause */
#include "nfqueue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_RANGE 65535 /* all of it */
#define SLOT (COPY_RANGE + 1025) /* and the other attributes, a few hundred bytes */
#define RECEIVE_BUFFER (32 << 20) /* what IO_NFQUEUE_LENGTH SYNs need: the kernel counts 1.3 KB for one */
#define SEND_BUFFER (1 << 20)

struct io_nfqueue_slot {
	uint8_t bytes[SLOT] __attribute__((aligned(8)));
};

static bool pass(void *ctx, struct io_nfqueue_packet *p)
{
	return false;
}

/* Sends a configuration and waits for the answer. Packets that come before it go on unchanged. */
static int configure(struct io_nfqueue *q, struct nlmsghdr *message)
{
	uint8_t *answer = q->slots[0].bytes;
	const struct nlmsghdr *m = (const struct nlmsghdr *)answer;
	ssize_t n;

	message->nlmsg_flags |= NLM_F_ACK;
	message->nlmsg_seq = 1;
	if (mnl_socket_sendto(q->socket, message, message->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		n = mnl_socket_recvfrom(q->socket, answer, SLOT);
		if (n < 0)
			return -errno;
		if (mnl_nlmsg_ok(m, n) && m->nlmsg_type == NLMSG_ERROR &&
		    m->nlmsg_len >= mnl_nlmsg_size(sizeof(struct nlmsgerr)))
			return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(m))->error;
		io_nfqueue_datagram(&q->verdicts, answer, n, SLOT, pass, NULL, &q->totals);
		io_verdicts_send(&q->verdicts);
	}
}

/* All in one message: the kernel drops packets of a queue that is bound but has no copy mode yet. */
static int bind_queue(struct io_nfqueue *q)
{
	char buf[256] __attribute__((aligned(4)));
	struct nlmsghdr *message = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, q->verdicts.queue);
	uint32_t flags = htonl(NFQA_CFG_F_FAIL_OPEN | NFQA_CFG_F_GSO);

	nfq_nlmsg_cfg_put_cmd(message, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_params(message, NFQNL_COPY_PACKET, COPY_RANGE);
	nfq_nlmsg_cfg_put_qmaxlen(message, IO_NFQUEUE_LENGTH);
	mnl_attr_put(message, NFQA_CFG_FLAGS, sizeof(flags), &flags);
	mnl_attr_put(message, NFQA_CFG_MASK, sizeof(flags), &flags);
	return configure(q, message);
}

int io_nfqueue_retire(struct io_nfqueue *q)
{
	char buf[256] __attribute__((aligned(4)));
	struct nlmsghdr *message = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, q->verdicts.queue);

	nfq_nlmsg_cfg_put_qmaxlen(message, 0);
	return mnl_socket_sendto(q->socket, message, message->nlmsg_len) < 0 ? -errno : 0;
}

/* The kernel's list of bound queues has the number first. */
static bool taken(uint16_t number)
{
	FILE *f = fopen("/proc/net/netfilter/nfnetlink_queue", "re");
	bool found = false;
	unsigned n;

	while (f && !found && fscanf(f, "%u%*[^\n]", &n) == 1)
		found = n == number;
	if (f)
		fclose(f);
	return found;
}

static int refused(int err, uint16_t number, struct tm_error *e)
{
	if ((err == -EPERM || err == -EBUSY) && taken(number))
		return tm_error_code(e, -EBUSY, "queue %u is taken: another program reads it, maybe another tcpmssd",
				     number);
	if (err == -EPERM || err == -EACCES)
		return tm_error_code(e, -EPERM, "queue %u needs CAP_NET_ADMIN: run as root", number);
	if (err == -EINVAL || err == -EOPNOTSUPP || err == -EPROTONOSUPPORT)
		return tm_error_code(e, -EOPNOTSUPP,
				     "this kernel has no NFQUEUE: it needs CONFIG_NETFILTER_NETLINK_QUEUE");
	return tm_error_code(e, err, "binding queue %u: %s", number, strerror(-err));
}

/* Best effort: the force needs a capability, the plain one is bounded by net.core.[rw]mem_max. */
static void size_buffer(int fd, int option, int force, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes));
}

int io_nfqueue_open(struct io_nfqueue *q, uint16_t number, struct tm_error *e)
{
	int err, fd, on = 1;

	*q = (struct io_nfqueue){ .verdicts = { .fd = -1, .queue = number } };
	q->slots = calloc(IO_NFQUEUE_BATCH, sizeof(*q->slots));
	if (!q->slots)
		return tm_error_code(e, -ENOMEM, "no memory for queue %u", number);
	q->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!q->socket || mnl_socket_bind(q->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		err = refused(-errno, number, e);
		goto out;
	}
	fd = mnl_socket_get_fd(q->socket);
	q->verdicts.fd = fd;
	size_buffer(fd, SO_RCVBUF, SO_RCVBUFFORCE, RECEIVE_BUFFER);
	size_buffer(fd, SO_SNDBUF, SO_SNDBUFFORCE, SEND_BUFFER);
	/* What does not fit into the buffer has passed by the queue; there is nothing to be told. */
	mnl_socket_setsockopt(q->socket, NETLINK_NO_ENOBUFS, &on, sizeof(on));
	err = bind_queue(q);
	if (err)
		err = refused(err, number, e);
out:
	if (err)
		io_nfqueue_close(q);
	return err;
}

int io_nfqueue_fd(const struct io_nfqueue *q)
{
	return q->verdicts.fd;
}

int io_nfqueue_read(struct io_nfqueue *q, io_nfqueue_take take, void *ctx)
{
	struct mmsghdr messages[IO_NFQUEUE_BATCH];
	struct iovec iov[IO_NFQUEUE_BATCH];
	int n, err;

	for (int i = 0; i < IO_NFQUEUE_BATCH; i++) {
		iov[i] = (struct iovec){ .iov_base = q->slots[i].bytes, .iov_len = SLOT };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 } };
	}
	n = recvmmsg(q->verdicts.fd, messages, IO_NFQUEUE_BATCH, MSG_DONTWAIT, NULL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++)
		io_nfqueue_datagram(&q->verdicts, q->slots[i].bytes, messages[i].msg_len, SLOT, take, ctx, &q->totals);
	err = io_verdicts_send(&q->verdicts);
	return err ? err : n;
}

void io_nfqueue_close(struct io_nfqueue *q)
{
	if (q->socket)
		mnl_socket_close(q->socket);
	free(q->slots);
	*q = (struct io_nfqueue){ .verdicts = { .fd = -1 } };
}
