/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdicts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <stddef.h>
#include <string.h>

/* Bytes of a message without a packet in it. */
#define PLAIN offsetof(struct io_verdict, payload)

_Static_assert(sizeof(struct io_verdict) == PLAIN + sizeof(struct nlattr) && PLAIN % 4 == 0, "as it goes over the wire");

static struct io_verdict *message(struct io_verdicts *v, uint16_t type, uint32_t id, uint32_t bytes)
{
	struct io_verdict *m = &v->messages[v->count++];

	*m = (struct io_verdict){
		.message = { .nlmsg_len = bytes, .nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type, .nlmsg_flags = NLM_F_REQUEST },
		.family = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0, .res_id = htons(v->queue) },
		.verdict = { .nla_len = sizeof(m->verdict) + sizeof(m->header), .nla_type = NFQA_VERDICT_HDR },
		.header = { .verdict = htonl(NF_ACCEPT), .id = htonl(id) },
	};
	return m;
}

static void part(struct io_verdicts *v, const void *data, size_t len)
{
	v->iov[v->parts++] = (struct iovec){ .iov_base = (void *)data, .iov_len = len };
	v->bytes += len;
}

static void end_run(struct io_verdicts *v)
{
	if (!v->run)
		return;
	part(v, message(v, NFQNL_MSG_VERDICT_BATCH, v->last, PLAIN), PLAIN);
	v->run = false;
}

void io_verdicts_accept(struct io_verdicts *v, uint32_t id)
{
	v->run = true;
	v->last = id;
}

void io_verdicts_replace(struct io_verdicts *v, uint32_t id, const void *data, uint32_t len)
{
	static const char zeros[MNL_ALIGNTO];
	uint32_t padding = MNL_ALIGN(len) - len;
	struct io_verdict *m;

	if (v->count + 3 > IO_VERDICTS_MAX || (v->count && v->bytes + len > IO_VERDICTS_BYTES))
		io_verdicts_send(v);
	end_run(v);
	m = message(v, NFQNL_MSG_VERDICT, id, sizeof(*m) + len + padding);
	m->payload = (struct nlattr){ .nla_len = sizeof(m->payload) + len, .nla_type = NFQA_PAYLOAD };
	part(v, m, sizeof(*m));
	part(v, data, len);
	if (padding)
		part(v, zeros, padding);
	v->last = id;
}

static int send_parts(struct io_verdicts *v)
{
	struct msghdr m = { .msg_iov = v->iov, .msg_iovlen = v->parts };
	ssize_t n;

	do {
		n = sendmsg(v->fd, &m, 0);
	} while (n < 0 && errno == EINTR);
	v->calls++;
	v->count = v->parts = 0;
	v->bytes = 0;
	return n < 0 ? -errno : 0;
}

int io_verdicts_send(struct io_verdicts *v)
{
	int err;

	end_run(v);
	if (!v->count)
		return 0;
	err = send_parts(v);
	if (!err)
		return 0;
	/* No memory for the packets: better let them go as they were than hold them. */
	v->failed++;
	v->run = true;
	end_run(v);
	return send_parts(v);
}
