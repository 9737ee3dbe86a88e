/* SPDX-License-Identifier: BSD-2-Clause */
#include "nfqueue-message.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "lib/finish.h"

/* libmnl takes a length of 2 GiB or more for a negative one, which fits. */
static bool whole(const struct nlmsghdr *message, int left)
{
	return mnl_nlmsg_ok(message, left) && message->nlmsg_len <= (uint32_t)left;
}

static bool take_u32(const struct nlattr *attr, uint32_t *value)
{
	if (mnl_attr_get_payload_len(attr) != sizeof(*value))
		return false;
	memcpy(value, mnl_attr_get_payload(attr), sizeof(*value));
	*value = ntohl(*value);
	return true;
}

/* Whether an attribute lies before `end`. libmnl's own test allows for padding, which the last message of a datagram does not have. */
static bool attr_ok(const struct nlattr *attr, const uint8_t *end)
{
	ptrdiff_t left = end - (const uint8_t *)attr;

	return left >= (ptrdiff_t)sizeof(*attr) && attr->nla_len >= sizeof(*attr) && attr->nla_len <= left;
}

/* `end`: the first byte that is not the packet's to grow into. False without a packet's number. */
static bool parse(const struct nlmsghdr *message, const uint8_t *end, struct io_nfqueue_packet *p)
{
	struct nfqnl_msg_packet_hdr header;
	const struct nlattr *attr;
	bool numbered = false;
	uint32_t info;

	*p = (struct io_nfqueue_packet){ 0 };
	attr = mnl_nlmsg_get_payload_offset(message, sizeof(struct nfgenmsg));
	for (; attr_ok(attr, (const uint8_t *)message + message->nlmsg_len); attr = mnl_attr_next(attr)) {
		switch (mnl_attr_get_type(attr)) {
		case NFQA_PACKET_HDR:
			if (mnl_attr_get_payload_len(attr) < sizeof(header))
				return false;
			memcpy(&header, mnl_attr_get_payload(attr), sizeof(header));
			p->id = ntohl(header.packet_id);
			p->hook = header.hook;
			numbered = true;
			break;
		case NFQA_PAYLOAD:
			p->data = mnl_attr_get_payload(attr);
			p->len = mnl_attr_get_payload_len(attr);
			break;
		case NFQA_CAP_LEN: /* how long it really is */
			p->cut = true;
			break;
		case NFQA_SKB_INFO:
			if (take_u32(attr, &info))
				p->unfinished = info & NFQA_SKB_CSUMNOTREADY;
			break;
		}
	}
	if (p->data)
		p->room = end - p->data;
	return numbered;
}

static void take_packet(struct io_verdicts *v, struct io_nfqueue_packet *p, io_nfqueue_take take, void *ctx)
{
	if (!p->data || p->cut || !take(ctx, p)) {
		io_verdicts_accept(v, p->id);
		return;
	}
	/* To the kernel, new bytes are finished bytes: no device will add to their checksum. */
	if (p->unfinished)
		tm_finish_checksum(PK_LINK_RAW, p->data, p->len);
	io_verdicts_replace(v, p->id, p->data, p->len);
}

void io_nfqueue_datagram(struct io_verdicts *v, uint8_t *buf, uint32_t len, uint32_t room, io_nfqueue_take take,
			 void *ctx, struct io_nfqueue_totals *totals)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)buf, *next;
	struct io_nfqueue_packet p;
	int left = len;

	while (whole(message, left)) {
		next = mnl_nlmsg_next(message, &left);
		if (message->nlmsg_type == NLMSG_ERROR) {
			totals->errors++;
		} else if (message->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET) ||
			   message->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(struct nfgenmsg) ||
			   !parse(message, whole(next, left) ? (const uint8_t *)next : buf + room, &p)) {
			totals->broken++;
		} else {
			totals->packets++;
			take_packet(v, &p, take, ctx);
		}
		message = next;
	}
	totals->broken += left > 0;
}
