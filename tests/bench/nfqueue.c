/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-nfqueue [ROUNDS] [PACKETS]: how fast tcpmssd empties an NFQUEUE, beside loops that accept everything.
 *
 * In a network namespace of its own, packets of a raw socket are queued in OUTPUT and dropped behind the queue. Each
 * run fills the queue first and then measures emptying it, the kernel's part included: the reader alone, never waiting
 * for packets.
 */
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <errno.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/queue/queue.h"
#include "frames.h"
#include "samples.h"

#define QUEUE 1
#define SLOT 4096

enum load { DATA, SYNS };

struct run {
	int (*empty)(struct queue *q, unsigned packets);
	enum load load;
	uint32_t mtu, other; /* of every tenth SYN's limit: none, or 0 for all alike */
};

static struct tm_bpf_counters counters[TM_DIRECTIONS];
static struct queue queue = { .hooks = QUEUE_OUTGOING, .counters = counters };
static unsigned packets = 8192;
static int sender;
static struct bench_frame frames[3]; /* data, a SYN, one with a small MSS */

static bool pass(void *ctx, struct io_nfqueue_packet *p)
{
	return false;
}

/* ---- what is measured; each returns how many packets it has released, or −errno */

/* One packet, one verdict: as the examples have it. */
static int empty_plainly(struct queue *q, unsigned count)
{
	static char buf[SLOT] __attribute__((aligned(8)));
	char answer[256] __attribute__((aligned(8)));
	struct nlattr *attr[NFQA_MAX + 16];
	struct nlmsghdr *m;
	unsigned n = 0;

	while (n < count) {
		if (mnl_socket_recvfrom(q->nfq.socket, buf, sizeof(buf)) < 0)
			return -errno;
		memset(attr, 0, sizeof(attr));
		if (nfq_nlmsg_parse((struct nlmsghdr *)buf, attr) < 0 || !attr[NFQA_PACKET_HDR])
			return -EPROTO;
		m = nfq_nlmsg_put(answer, NFQNL_MSG_VERDICT, QUEUE);
		nfq_nlmsg_verdict_put(
			m,
			ntohl(((struct nfqnl_msg_packet_hdr *)mnl_attr_get_payload(attr[NFQA_PACKET_HDR]))->packet_id),
			NF_ACCEPT);
		if (mnl_socket_sendto(q->nfq.socket, m, m->nlmsg_len) < 0)
			return -errno;
		n++;
	}
	return n;
}

static int empty_by(struct queue *q, unsigned count, io_nfqueue_take take)
{
	unsigned n = 0;
	int got = 1;

	while (n < count && got > 0) {
		got = io_nfqueue_read(&q->nfq, take, q);
		n += got;
	}
	return got < 0 ? got : (int)n;
}

/* Our own input and output, and nobody who looks at the packets: many with a call, verdicts in batches. */
static int empty_in_batches(struct queue *q, unsigned count)
{
	return empty_by(q, count, pass);
}

static bool give_back(void *ctx, struct io_nfqueue_packet *p)
{
	return true;
}

/* The same, but that every verdict carries its packet, unchanged. */
static int empty_given_back(struct queue *q, unsigned count)
{
	return empty_by(q, count, give_back);
}

static int empty_clamped(struct queue *q, unsigned count)
{
	return empty_by(q, count, queue_take);
}

/* ---- runs */

static int fill(enum load load, bool mixed)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc6120402) };

	for (unsigned i = 0; i < packets; i++) {
		const struct bench_frame *f = &frames[load == DATA ? 0 : mixed && i % 10 ? 2 : 1];

		if (sendto(sender, f->bytes + f->ip_at, f->len - f->ip_at, 0, (void *)&to, sizeof(to)) < 0)
			return -errno;
	}
	return 0;
}

static double measure(void *arg)
{
	const struct run *run = arg;
	double start;
	int n;

	queue.rules.device_mtu = run->mtu;
	if (fill(run->load, run->other))
		return -1;
	start = bench_clock();
	n = run->empty(&queue, packets);
	start = bench_clock() - start;
	return n == (int)packets ? start / packets : -1;
}

static int set_up(void)
{
	static const char rules[] = "ip link set lo up && ip route add default dev lo &&"
				    "iptables-legacy -t mangle -A OUTPUT -p tcp -j NFQUEUE --queue-num 1 &&"
				    "iptables-legacy -A OUTPUT -p tcp -j DROP";
	static struct tm_image image;
	int bytes = 128 << 20;
	struct tm_error e;

	if (unshare(CLONE_NEWNET) || system(rules))
		return -1;
	sender = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (sender < 0 || setsockopt(sender, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		return -1;
	if (io_nfqueue_open(&queue.nfq, QUEUE, &e)) {
		fprintf(stderr, "bench-nfqueue: %s\n", e.text);
		return -1;
	}
	if (queue_limit_by_mtu(&queue, &image))
		return -1;
	bench_frame(&frames[0], 4, false, BENCH_TS, 0);
	bench_frame(&frames[1], 4, true, BENCH_LINUX, 0);
	bench_frame(&frames[2], 4, true, "02040200 0402080a 0102030405060708 01030307", 0);
	return 0;
}

int main(int argc, char **argv)
{
	static struct run runs[] = {
		{ empty_in_batches, SYNS, 1500, 0 }, { empty_plainly, SYNS, 1500, 0 }, { empty_clamped, DATA, 1300, 0 },
		{ empty_clamped, SYNS, 1500, 0 },    { empty_clamped, SYNS, 1300, 1 }, { empty_clamped, SYNS, 1300, 0 },
		{ empty_given_back, SYNS, 1500, 0 },
	};
	const struct bench_case cases[] = {
		{ "batches", NULL, 0, "accept everything, in batches, ns", measure, &runs[0] },
		{ "plain", NULL, 0, "accept everything, one by one, ns", measure, &runs[1] },
		{ "back", NULL, 0, "give every packet back as it came, ns", measure, &runs[6] },
		{ "data", "/batches", 0.95, "tcpmssd, no SYNs: packets/s of 'in batches'", measure, &runs[2] },
		{ "within", "/batches", 0.95, "tcpmssd, SYNs within the limit: of 'in batches'", measure, &runs[3] },
		{ "some", "/batches", 0, "tcpmssd, every tenth SYN clamped: of 'in batches'", measure, &runs[4] },
		{ "all", "/plain", 0.95, "tcpmssd, every SYN clamped: of 'one by one'", measure, &runs[5] },
		{ "all-batches", "/batches", 0, "tcpmssd, every SYN clamped: of 'in batches'", measure, &runs[5] },
		{ "all-back", "/back", 0.95, "tcpmssd, every SYN clamped: of 'give back'", measure, &runs[5] },
	};

	bench_pin();
	if (argc > 2)
		packets = strtoul(argv[2], NULL, 10);
	if (!packets || packets > IO_NFQUEUE_LENGTH || set_up()) {
		fprintf(stderr, "bench-nfqueue: needs root, iptables-legacy, NFQUEUE; at most %d packets\n",
			IO_NFQUEUE_LENGTH);
		return 1;
	}
	bench_title("Emptying an NFQUEUE, on one core");
	return bench_rounds(cases, sizeof(cases) / sizeof(*cases), argc > 1 ? strtoul(argv[1], NULL, 10) : 40) ? 1 : 0;
}
