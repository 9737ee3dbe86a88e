/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts on their way back to an NFQUEUE, gathered so that many go with one system call.
 *
 * Packets leave the kernel's queue in the order in which they came: a run of unchanged ones is released by one batch
 * verdict ("all up to this number"), which is written before the changed packet that ends the run.
 */
#ifndef IO_VERDICTS_H
#define IO_VERDICTS_H

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdbool.h>
#include <stdint.h>

#define IO_VERDICTS_BYTES (128 * 1024) /* in one system call: what the usual send buffer takes */

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
	uint32_t last; /* the packet handled last */
	uint32_t used; /* bytes of messages */
	uint64_t failed; /* how often the packets had to go unchanged, for want of memory */
	uint8_t bytes[IO_VERDICTS_BYTES] __attribute__((aligned(8)));
};

/* Lets the packet go as it is, and every one that came before it. */
void io_verdicts_accept(struct io_verdicts *v, uint32_t id);

/* Lets the packet go with these bytes, at most 65535, in place of its own. */
void io_verdicts_replace(struct io_verdicts *v, uint32_t id, const void *data, uint32_t len);

/* Sends what was gathered. 0, or −errno where even the plain verdicts were refused. */
int io_verdicts_send(struct io_verdicts *v);

#endif
