/* SPDX-License-Identifier: BSD-2-Clause */
#include "learn-ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "io/bpf/error.h"

struct io_learn_ring {
	struct io_learn_take take;
	struct ring_buffer *ring;
};

static int take(void *ctx, void *data, size_t size)
{
	const struct tm_bpf_learn *head = data;
	struct io_learn_ring *r = ctx;

	if (size == sizeof(struct tm_bpf_ptb) && head->kind == TM_BPF_LEARN_PTB &&
	    ((const struct tm_bpf_ptb *)data)->captured <= TM_LEARN_FRAME)
		r->take.ptb(r->take.ctx, data);
	else if (size == sizeof(struct tm_bpf_segment) && head->kind == TM_BPF_LEARN_SEGMENT)
		r->take.segment(r->take.ctx, data);
	return 0; /* of another kind: from the programs of a later version */
}

struct io_learn_ring *io_learn_ring_open(int ring, const struct io_learn_take *t, struct tm_error *e)
{
	struct io_learn_ring *r = calloc(1, sizeof(*r));

	if (!r) {
		tm_error_code(e, -ENOMEM, "out of memory");
		return NULL;
	}
	r->take = *t;
	r->ring = ring_buffer__new(ring, take, r, NULL);
	if (r->ring)
		return r;
	io_bpf_error(e, -errno, "mapping the ring of path MTU discovery");
	free(r);
	return NULL;
}

int io_learn_ring_fd(const struct io_learn_ring *r)
{
	return ring_buffer__epoll_fd(r->ring);
}

int io_learn_ring_read(struct io_learn_ring *r)
{
	return ring_buffer__consume(r->ring);
}

void io_learn_ring_close(struct io_learn_ring *r)
{
	if (r)
		ring_buffer__free(r->ring);
	free(r);
}
