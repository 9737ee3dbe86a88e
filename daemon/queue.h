/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clamp on an NFQUEUE: which packets, which limit.
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include <netinet/in.h>
#include <linux/netfilter.h>

#include "io/nfqueue.h"
#include "lib/clamp.h"
#include "lib/stats.h"

struct queue {
	struct io_nfqueue nfq;
	struct tm_image image; /* hook 0 */
	struct tm_rules rules;
	unsigned hooks; /* 1 << enum nf_inet_hooks: packets of others pass */
	bool tell; /* a line for each packet that was changed */
	struct tm_counters counters; /* of packets that did not just pass */
	uint64_t passed;
};

#define QUEUE_OUTGOING (1u << NF_INET_LOCAL_OUT | 1u << NF_INET_FORWARD | 1u << NF_INET_POST_ROUTING)
#define QUEUE_INCOMING (1u << NF_INET_PRE_ROUTING | 1u << NF_INET_LOCAL_IN)

/* The limit of a device with this MTU (bytes), or of none with 0. 0, or −ENOMEM and the old limit stays. */
int queue_set_mtu(struct queue *q, uint32_t mtu);

/* An io_nfqueue_take; ctx: struct queue. */
bool queue_take(void *ctx, struct io_nfqueue_packet *p);

/* Says what has been done, on the log. */
void queue_report(const struct queue *q);

/* Closes the queue too. */
void queue_close(struct queue *q);

#endif
