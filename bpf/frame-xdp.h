/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Reading and writing an XDP frame, which may lie in several buffers (xdp.frags).
 */
#ifndef TM_FRAME_XDP_H
#define TM_FRAME_XDP_H

#include "core/target.h"

typedef struct xdp_md tm_context;

#include "bpf/view.h"

PK_INLINE __u32 tm_octets(tm_context *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

PK_INLINE void *pk_poke(struct pk_view *v, __u32 off, __u32 n)
{
	return (void *)pk_peek(v, off, n);
}

PK_INLINE bool pk_load(const struct pk_view *v, __u32 off, void *dst, __u32 n)
{
	return !bpf_xdp_load_bytes(v->ctx, off, dst, n);
}

PK_INLINE bool pk_store(struct pk_view *v, __u32 off, const void *src, __u32 n)
{
	return !bpf_xdp_store_bytes(v->ctx, off, (void *)src, n);
}

PK_INLINE bool pk_resize(struct pk_view *v, __u32 len)
{
	if (bpf_xdp_adjust_tail(v->ctx, (int)(len - v->len)))
		return false;
	v->data = (void *)(long)v->ctx->data; /* the old ones are no longer valid */
	v->data_end = (void *)(long)v->ctx->data_end;
	v->len = len;
	return true;
}

PK_INLINE bool pk_grow(struct pk_view *v, __u32 n)
{
	return pk_resize(v, v->len + n);
}

PK_INLINE bool pk_store_checksum(struct pk_view *v, __u32 off, const struct pk_checksum_edit *e)
{
	return pk_write_checksum(v, off, e);
}

PK_INLINE __u32 tm_ifindex(tm_context *ctx)
{
	return ctx->ingress_ifindex;
}

PK_INLINE __u32 tm_came_from(tm_context *ctx)
{
	return 0;
}

PK_INLINE __u32 tm_gso(tm_context *ctx)
{
	return 0;
}

/* Not known yet. */
PK_INLINE bool tm_is_ours(tm_context *ctx)
{
	return true;
}

#define TM_INWARD_ONLY true
#define tm_ct_lookup bpf_xdp_ct_lookup

/* A frame has no mark before it is a socket buffer. */
PK_INLINE __u32 tm_mark(tm_context *ctx)
{
	return 0;
}

#endif
