/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that reads the packets of an nfqueue hook, and what it and the manager say to each other.
 */
#ifndef DAEMON_QUEUE_WORKER_H
#define DAEMON_QUEUE_WORKER_H

#include "queue.h"

/* Memory of both. It belongs to the manager and outlives the worker: counters go on where they were. */
struct queue_shared {
	uint32_t device_mtu; /* written by the manager: bytes, 0 for not known */
	uint32_t tag; /* likewise: the device's index, 0 for none */
	struct tm_bpf_counters counters[TM_DIRECTIONS]; /* written by the worker; they only grow */
	struct queue_events events;
};

/* The manager's only message, with the descriptor of an image; the worker answers with an int32_t, 0 or −errno. */
struct queue_order {
	uint32_t words; /* of the image */
	uint32_t hooks; /* as struct queue.hooks */
};

/* What a worker begins with. */
struct queue_start {
	struct queue queue; /* with its nfq open */
	struct queue_order order;
	int image; /* descriptor */
	struct queue_shared *shared;
	struct pk_learned_table learned; /* in memory that the manager has mapped; no head: none */
};

/* Gives up all that it does not need and serves until the channel ends; then finishes what is in the queue. An exit status. */
int queue_worker_run(struct queue_start *start, int channel);

#endif
