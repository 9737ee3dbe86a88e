/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The part of core/view.h that tc and XDP have in common. Whoever includes it has named its context: tm_context.
 */
#ifndef TM_BPF_VIEW_H
#define TM_BPF_VIEW_H

#include "core/checksum.h"

struct pk_view {
	tm_context *ctx;
	void *data, *data_end; /* what can be read in place: the linear part, or the first buffer */
	__u32 len; /* of all of it */
	__u32 direction; /* enum tm_direction */
};

PK_INLINE struct pk_view tm_view(tm_context *ctx, __u32 len, __u32 direction)
{
	return (struct pk_view){
		.ctx = ctx,
		.data = (void *)(long)ctx->data,
		.data_end = (void *)(long)ctx->data_end,
		.len = len,
		.direction = direction,
	};
}

PK_INLINE __u32 pk_frame_len(const struct pk_view *v)
{
	return v->len;
}

PK_INLINE const void *pk_peek(const struct pk_view *v, __u32 off, __u32 n)
{
	const __u8 *p;

	if (off > 0xffff - n)
		return NULL;
	p = v->data + off;
	return (void *)p + n <= v->data_end ? p : NULL;
}

PK_INLINE bool pk_reaches(const struct pk_view *v, const void *p, __u32 n)
{
	return (void *)p + n <= v->data_end;
}

#endif
