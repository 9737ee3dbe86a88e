/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * core/view.h over a socket buffer on a tc hook.
 *
 * Frames are written through helpers only: a program with direct packet writes makes the kernel copy the header of every
 * cloned buffer (all that local TCP sends) before it runs.
 */
#ifndef TM_VIEW_TC_H
#define TM_VIEW_TC_H

#include "core/packet.h"
#include "core/sum.h"
#include "core/view.h"

typedef struct __sk_buff tm_context;

struct pk_view {
	struct __sk_buff *ctx;
	void *data, *data_end; /* the linear part */
	__u32 len; /* of all of it */
	__u32 direction; /* enum tm_direction */
};

PK_INLINE __u32 tm_octets(tm_context *ctx)
{
	return ctx->len;
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
	return NULL;
}

PK_INLINE bool pk_load(const struct pk_view *v, __u32 off, void *dst, __u32 n)
{
	return !bpf_skb_load_bytes(v->ctx, off, dst, n);
}

PK_INLINE bool pk_store(struct pk_view *v, __u32 off, const void *src, __u32 n)
{
	return !bpf_skb_store_bytes(v->ctx, off, src, n, 0);
}

PK_INLINE bool pk_grow(struct pk_view *v, __u32 n)
{
	if (bpf_skb_change_tail(v->ctx, v->len + n, 0))
		return false;
	v->len += n;
	return true;
}

/*
 * The kernel knows whether the checksum is really left to the device, so the update goes through its helper, which
 * then leaves the field alone (but for the pseudo-header).
 */
PK_INLINE bool pk_store_checksum(struct pk_view *v, __u32 off, const struct pk_checksum_edit *e)
{
	__u8 field[2];

	if (e->state == PK_SUM_PARTIAL && !e->pseudo)
		return true;
	if (e->state == PK_SUM_PARTIAL || off & 1) { /* the helper takes no odd offset (compressed PPP protocol field) */
		pk_put16(field, pk_checksum_edited(e));
		return pk_store(v, off, field, 2);
	}
	if (e->pseudo && bpf_l4_csum_replace(v->ctx, off, 0, bpf_htons(pk_fold(e->pseudo)), BPF_F_PSEUDO_HDR))
		return false;
	return !bpf_l4_csum_replace(v->ctx, off, 0, bpf_htons(pk_fold(e->data)), 0);
}

#include "bpf/mtu.h"

PK_INLINE __u32 tm_ifindex(tm_context *ctx)
{
	return ctx->ifindex;
}

PK_INLINE __u32 tm_came_from(tm_context *ctx)
{
	return ctx->ingress_ifindex;
}

PK_INLINE __u32 tm_mark(tm_context *ctx)
{
	return ctx->mark;
}

PK_INLINE __u32 pk_device_mtu(const struct pk_view *v)
{
	return tm_device_mtu(v->ctx);
}

PK_INLINE __u32 pk_route_mtu(const struct pk_view *v, const struct pk_packet *pk)
{
	return tm_route_mtu(v->ctx, pk, v->direction == TM_OUT);
}

#endif
