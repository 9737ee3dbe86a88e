/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies a capture from one descriptor to another, through io/capture/capture.h.
 */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include "capture.h"

struct io_stream {
	int in, out;
	void (*progress)(void *ctx, uint64_t input); /* after each window: bytes read and done with; may be NULL */
	void *ctx;
};

/* Which step failed. */
enum io_stream_step { IO_STREAM_READ, IO_STREAM_WRITE, IO_STREAM_MEMORY };

/*
 * Reads in to its end; what becomes of the capture is in *c. Returns 0, or -errno with *failed set where reading,
 * writing or memory failed. Threads of its own, which have ended when it returns, call the capture's hooks and
 * progress, one at a time. Memory: a few windows of half a MiB; more only for packets that are longer.
 *
 * Where the capture breaks off or is damaged, everything before has been written; a seekable out (c->seekable) is cut
 * back to its last complete record.
 */
int io_stream_run(const struct io_stream *s, struct io_capture *c, enum io_stream_step *failed);

#endif
