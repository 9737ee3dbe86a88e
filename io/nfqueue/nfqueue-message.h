/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of an NFQUEUE, as the kernel sends them: bytes in, packets out. No I/O here but for the verdicts.
 */
#ifndef IO_NFQUEUE_MESSAGE_H
#define IO_NFQUEUE_MESSAGE_H

#include "io/hook/verdicts.h"

struct io_nfqueue_packet {
	uint8_t *data; /* from its IP header on */
	uint32_t len; /* bytes */
	uint32_t room; /* bytes there may be in `data`, ≥ len */
	uint32_t id; /* the kernel's number for it */
	uint8_t hook; /* enum nf_inet_hooks */
	bool cut; /* `data` is only its first bytes: it cannot be changed */
	bool unfinished; /* its TCP checksum was left to a device */
};

/* Edits the packet, `len` included, and returns true where it changed anything. */
typedef bool (*io_nfqueue_take)(void *ctx, struct io_nfqueue_packet *p);

struct io_nfqueue_totals {
	uint64_t packets;
	uint64_t errors; /* verdicts that came too late, as for packets of a device that has gone */
	uint64_t broken; /* messages that were none */
};

/*
 * Reads the messages of one datagram: `len` bytes in a buffer of `room`, aligned to 4, hands each packet to `take` and
 * gathers its verdict.
 */
void io_nfqueue_datagram(struct io_verdicts *v, uint8_t *buf, uint32_t len, uint32_t room, io_nfqueue_take take,
			 void *ctx, struct io_nfqueue_totals *totals);

#endif
