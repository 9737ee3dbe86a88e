/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * core/view.h over an XDP frame, which may lie in several buffers (xdp.frags).
 */
#ifndef TM_VIEW_XDP_H
#define TM_VIEW_XDP_H

#include "core/packet.h"
#include "core/sum.h"
#include "core/view.h"

typedef struct xdp_md tm_context;

struct pk_view {
	struct xdp_md *ctx;
	void *data, *data_end; /* the first buffer */
	__u32 len; /* of all of it */
	__u32 direction; /* enum tm_direction */
};

PK_INLINE __u32 tm_octets(tm_context *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

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

PK_INLINE bool pk_grow(struct pk_view *v, __u32 n)
{
	if (bpf_xdp_adjust_tail(v->ctx, n))
		return false;
	v->len += n;
	return true;
}

PK_INLINE bool pk_store_checksum(struct pk_view *v, __u32 off, const struct pk_checksum_edit *e)
{
	__u8 field[2];

	pk_put16(field, pk_checksum_edited(e));
	return pk_store(v, off, field, 2);
}

#include "bpf/mtu.h"

PK_INLINE __u32 tm_ifindex(tm_context *ctx)
{
	return ctx->ingress_ifindex;
}

PK_INLINE __u32 tm_came_from(tm_context *ctx)
{
	return 0;
}

/* A frame has no mark before it is a socket buffer. */
PK_INLINE __u32 tm_mark(tm_context *ctx)
{
	return 0;
}

PK_INLINE __u32 pk_device_mtu(const struct pk_view *v)
{
	return tm_device_mtu(v->ctx);
}

PK_INLINE __u32 pk_route_mtu(const struct pk_view *v, const struct pk_packet *pk)
{
	return tm_route_mtu(v->ctx, pk, false);
}

#endif
