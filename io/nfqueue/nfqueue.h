/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An NFQUEUE of the kernel (nfnetlink_queue): packets that a firewall rule sends there, changed and sent on.
 *
 * Packets come with offloads pending (NFQA_CFG_F_GSO): the kernel then neither cuts large ones into segments nor
 * finishes the checksum of each just to have us look at it. The few that are changed get a finished checksum here.
 *
 * The queue fails open: nothing is dropped when it is full, and rules with "bypass" let packets pass when nobody
 * listens.
 */
#ifndef IO_NFQUEUE_H
#define IO_NFQUEUE_H

#include "lib/error.h"
#include "nfqueue-message.h"

#define IO_NFQUEUE_LENGTH 16384 /* packets that may wait for a verdict */
#define IO_NFQUEUE_BATCH 32 /* datagrams read with one system call */

struct io_nfqueue_slot;

struct io_nfqueue {
	struct mnl_socket *socket;
	struct io_nfqueue_slot *slots; /* IO_NFQUEUE_BATCH buffers */
	struct io_verdicts verdicts;
	struct io_nfqueue_totals totals;
};

/*
 * Binds queue `number` of this network namespace. 0; -EPERM; -EBUSY where somebody has it; -EOPNOTSUPP where the
 * kernel has no NFQUEUE; other −errno; with *e filled.
 */
int io_nfqueue_open(struct io_nfqueue *q, uint16_t number, struct tm_error *e);

/* For poll(): readable when packets wait. Non-blocking. */
int io_nfqueue_fd(const struct io_nfqueue *q);

/*
 * Takes what waits, up to IO_NFQUEUE_BATCH datagrams, hands each packet to `take` and sends the verdicts. The number
 * of datagrams, 0 where there were none, or −errno.
 */
int io_nfqueue_read(struct io_nfqueue *q, io_nfqueue_take take, void *ctx);

/* From now on the kernel lets packets pass by the queue; those in it still come. */
int io_nfqueue_retire(struct io_nfqueue *q);

/* The kernel drops what is still in the queue: retire and read before. */
void io_nfqueue_close(struct io_nfqueue *q);

#endif
