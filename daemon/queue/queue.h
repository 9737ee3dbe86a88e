/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clamp on an NFQUEUE: which packets, which limit.
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include <netinet/in.h>
#include <linux/netfilter.h>

#include "io/nfqueue/nfqueue.h"
#include "bpf/config.h"
#include "lib/clamp.h"
#include "queue-events.h"

struct queue {
	struct io_nfqueue nfq;
	struct tm_rules rules; /* hook 0 of an image that is the caller's */
	const uint32_t *device_mtu; /* NULL, or where rules.device_mtu stands, which another process may change */
	const uint32_t *tag; /* likewise of rules.tag */
	unsigned hooks; /* 1 << enum nf_inet_hooks: packets of others pass */
	bool tell; /* a line for each packet that was changed */
	struct tm_bpf_counters *counters; /* of packets that did not just pass: one for each enum tm_direction */
	struct queue_events *events; /* NULL: nobody can watch */
	uint64_t passed;
};

#define QUEUE_OUTGOING (1u << NF_INET_LOCAL_OUT | 1u << NF_INET_FORWARD | 1u << NF_INET_POST_ROUTING)
#define QUEUE_INCOMING (1u << NF_INET_PRE_ROUTING | 1u << NF_INET_LOCAL_IN)

/* Builds the image whose only limit is q->rules.device_mtu, 0 for none. It is the caller's to free. 0 or −ENOMEM. */
int queue_limit_by_mtu(struct queue *q, struct tm_image *image);

/* An io_nfqueue_take; ctx: struct queue. */
bool queue_take(void *ctx, struct io_nfqueue_packet *p);

/* Says what has been done, on the log. */
void queue_report(const struct queue *q);

#endif
