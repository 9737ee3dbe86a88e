/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over io/nfqueue/nfqueue-message.h and io/hook/verdicts.h.
 *
 * Input: a byte that chooses the room behind the datagram, then the datagram, as a kernel would send it. Its packets
 * are clamped and grown. Beside the sanitizers it checks the verdicts: sound messages, in the order of the packets,
 * one for each packet that was changed with its bytes in it, and none of the others left without one.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/nfqueue/nfqueue-message.h"
#include "lib/clamp.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DATAGRAM_MAX 60000
#define CHANGED_MAX 4096

struct change {
	uint32_t id, len;
};

static struct tm_image image;
static int kernel; /* the other end of the verdicts' socket */
static struct io_verdicts verdicts;
static struct change changes[CHANGED_MAX];
static unsigned changed, taken;
static uint32_t last;

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct tm_ruleset set = { .hooks = { { .mss = 500, .flags = PK_HOOK_ADD_MISSING } } };
	int ends[2], bytes = 16 << 20;

	check(!tm_image_build(&image, &set), "no image");
	check(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), "no sockets");
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	verdicts.fd = ends[0];
	kernel = ends[1];
	return 0;
}

/* What has been sent so far. *at: how many of the changes it has told of. */
static void read_verdicts(unsigned *at, uint32_t *released)
{
	static uint8_t buffer[2 * IO_VERDICTS_BYTES] __attribute__((aligned(8)));
	const struct io_verdict *v;
	ssize_t n;
	int left;

	while ((n = recv(kernel, buffer, sizeof(buffer), 0)) > 0) {
		left = n;
		for (v = (void *)buffer; mnl_nlmsg_ok(&v->message, left);
		     v = (void *)mnl_nlmsg_next(&v->message, &left)) {
			*released = ntohl(v->header.id);
			check(v->family.res_id == htons(9) && v->header.verdict == htonl(1),
			      "another queue or verdict");
			if (v->message.nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT_BATCH))
				continue;
			check(v->message.nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT), "another message");
			check(*at < changed && *released == changes[*at].id, "a verdict out of order");
			check(v->payload.nla_len == sizeof(v->payload) + changes[*at].len,
			      "a packet of another length");
			++*at;
		}
		check(!left, "bytes that are no message");
	}
}

static unsigned told;
static uint32_t released;

static bool take(void *ctx, struct io_nfqueue_packet *p)
{
	struct tm_rules rules = { .image = tm_image_rules(&image) };
	struct pk_result r;

	check(p->room >= p->len && !p->cut, "a packet that cannot be changed");
	taken++;
	last = p->id;
	r = tm_clamp_frame(&rules, PK_LINK_RAW, p->data, &p->len, p->room);
	check(p->len <= p->room, "grown beyond its room");
	if (r.changed && changed < CHANGED_MAX)
		changes[changed++] = (struct change){ p->id, p->len };
	read_verdicts(&told, &released); /* the socket of the harness is small */
	return r.changed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct io_nfqueue_totals totals = { 0 };
	uint32_t len, room;
	uint8_t *buf;

	if (size < 1 || size > DATAGRAM_MAX)
		return 0;
	len = size - 1;
	room = len + (data[0] & 1 ? 64 : 0);
	buf = aligned_alloc(8, (room + 7) & ~7);
	memcpy(buf, data + 1, len);
	changed = taken = told = 0;
	verdicts.queue = 9;
	verdicts.run = false;
	io_nfqueue_datagram(&verdicts, buf, len, room, take, NULL, &totals);
	last = verdicts.last;
	check(!io_verdicts_send(&verdicts), "verdicts that cannot be sent");
	read_verdicts(&told, &released);
	check(told == changed, "a changed packet without a verdict");
	check(!totals.packets || released == last, "the last packet has no verdict");
	check(taken <= totals.packets, "packets taken that were not counted");
	free(buf);
	return 0;
}
