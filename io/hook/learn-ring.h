/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the ring of records that the programs learn by (bpf/learn-record.h).
 */
#ifndef IO_LEARN_RING_H
#define IO_LEARN_RING_H

#include "bpf/learn-record.h"
#include "lib/error.h"

struct io_learn_ring;

/* Called for each record, in the order in which they passed. What is pointed at is only valid meanwhile. */
struct io_learn_take {
	void (*ptb)(void *ctx, const struct tm_bpf_ptb *ptb);
	void (*segment)(void *ctx, const struct tm_bpf_segment *segment);
	void *ctx;
};

/* `ring`: descriptor of the map, which stays the caller's. NULL with *e filled. io_learn_ring_close(). */
struct io_learn_ring *io_learn_ring_open(int ring, const struct io_learn_take *take, struct tm_error *e);

/* A descriptor to poll for reading. */
int io_learn_ring_fd(const struct io_learn_ring *r);

/* Hands on what is there, without waiting. Makes no system call. Returns how many records, or −errno. */
int io_learn_ring_read(struct io_learn_ring *r);

void io_learn_ring_close(struct io_learn_ring *r);

#endif
