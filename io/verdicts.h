/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts on their way back to an NFQUEUE, gathered so that many go with one system call.
 *
 * Packets leave the kernel's queue in the order in which they came: a run of unchanged ones is released by one batch verdict ("all up to
 * this number"), which is written before the changed packet that ends the run.
 */
#ifndef IO_VERDICTS_H
#define IO_VERDICTS_H

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#define IO_VERDICTS_MAX 64 /* messages in one system call */
#define IO_VERDICTS_BYTES (128 * 1024) /* what the usual send buffer takes */

/* One message: everything but the packet's bytes. */
struct io_verdict {
	struct nlmsghdr message;
	struct nfgenmsg family;
	struct nlattr verdict;
	struct nfqnl_msg_verdict_hdr header;
	struct nlattr payload;
};

struct io_verdicts {
	int fd; /* not owned */
	uint16_t queue;
	bool run; /* unchanged packets up to `last` wait for their verdict */
	uint32_t last;
	unsigned count, parts;
	size_t bytes;
	struct io_verdict messages[IO_VERDICTS_MAX];
	struct iovec iov[3 * IO_VERDICTS_MAX];
	uint64_t calls, failed; /* system calls, and those of them after which the packets had to go unchanged */
};

/* Lets the packet go as it is, and every one that came before it. */
void io_verdicts_accept(struct io_verdicts *v, uint32_t id);

/* Lets the packet go with these bytes in place of its own. They must stay as they are until io_verdicts_send(). */
void io_verdicts_replace(struct io_verdicts *v, uint32_t id, const void *data, uint32_t len);

/* Sends what was gathered. 0, or −errno where even the plain verdicts were refused. */
int io_verdicts_send(struct io_verdicts *v);

#endif
