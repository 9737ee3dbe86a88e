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

_Static_assert(sizeof(struct io_verdict) == PLAIN + sizeof(struct nlattr) && PLAIN % 4 == 0,
	       "as it goes over the wire");

static struct io_verdict *message(struct io_verdicts *v, uint16_t type, uint32_t id, uint32_t bytes)
{
	struct io_verdict *m = (struct io_verdict *)(v->bytes + v->used);

	m->message = (struct nlmsghdr){ .nlmsg_len = bytes,
					.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type,
					.nlmsg_flags = NLM_F_REQUEST };
	m->family = (struct nfgenmsg){ .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0, .res_id = htons(v->queue) };
	m->verdict = (struct nlattr){ .nla_len = sizeof(m->verdict) + sizeof(m->header), .nla_type = NFQA_VERDICT_HDR };
	m->header = (struct nfqnl_msg_verdict_hdr){ .verdict = htonl(NF_ACCEPT), .id = htonl(id) };
	v->used += MNL_ALIGN(bytes);
	return m;
}

static void end_run(struct io_verdicts *v)
{
	if (v->run)
		message(v, NFQNL_MSG_VERDICT_BATCH, v->last, PLAIN);
	v->run = false;
}

void io_verdicts_accept(struct io_verdicts *v, uint32_t id)
{
	v->run = true;
	v->last = id;
}

void io_verdicts_replace(struct io_verdicts *v, uint32_t id, const void *data, uint32_t len)
{
	struct io_verdict *m;

	/* Room for two ends of a run beside it. */
	if (v->used + 2 * PLAIN + sizeof(*m) + MNL_ALIGN(len) > sizeof(v->bytes))
		io_verdicts_send(v);
	end_run(v);
	m = message(v, NFQNL_MSG_VERDICT, id, sizeof(*m) + len);
	m->payload = (struct nlattr){ .nla_len = sizeof(m->payload) + len, .nla_type = NFQA_PAYLOAD };
	memcpy(m + 1, data, len);
	memset((uint8_t *)(m + 1) + len, 0, MNL_ALIGN(len) - len);
	v->last = id;
}

static int send_messages(struct io_verdicts *v)
{
	ssize_t n;

	do {
		n = send(v->fd, v->bytes, v->used, 0);
	} while (n < 0 && errno == EINTR);
	v->used = 0;
	return n < 0 ? -errno : 0;
}

int io_verdicts_send(struct io_verdicts *v)
{
	int err;

	end_run(v);
	if (!v->used)
		return 0;
	err = send_messages(v);
	if (!err)
		return 0;
	/* No memory for the packets: better let them go as they were than hold them. */
	v->failed++;
	v->run = true;
	end_run(v);
	return send_messages(v);
}
