/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Reading and writing a socket buffer on a tc hook.
 *
 * Frames are written through helpers only: a program with direct packet writes makes the kernel copy the header of every
 * cloned buffer (all that local TCP sends) before it runs.
 */
#ifndef TM_FRAME_TC_H
#define TM_FRAME_TC_H

#include "core/target.h"

typedef struct __sk_buff tm_context;

#include "bpf/view.h"

PK_INLINE __u32 tm_octets(tm_context *ctx)
{
	return ctx->len;
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

PK_INLINE bool pk_resize(struct pk_view *v, __u32 len)
{
	if (bpf_skb_change_tail(v->ctx, len, 0))
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

/*
 * The kernel knows whether the checksum is really left to the device, so the update goes through its helper, which
 * then leaves the field alone (but for the pseudo-header).
 */
PK_INLINE bool pk_store_checksum(struct pk_view *v, __u32 off, const struct pk_checksum_edit *e)
{
	if (e->state == PK_SUM_PARTIAL && !e->pseudo)
		return true;
	if (e->state == PK_SUM_PARTIAL || off & 1) /* the helper takes no odd offset (compressed PPP protocol field) */
		return pk_write_checksum(v, off, e);
	if (e->pseudo && bpf_l4_csum_replace(v->ctx, off, 0, bpf_htons(pk_fold(e->pseudo)), BPF_F_PSEUDO_HDR))
		return false;
	return !bpf_l4_csum_replace(v->ctx, off, 0, bpf_htons(pk_fold(e->data)), 0);
}

PK_INLINE __u32 tm_ifindex(tm_context *ctx)
{
	return ctx->ifindex;
}

PK_INLINE __u32 tm_came_from(tm_context *ctx)
{
	return ctx->ingress_ifindex;
}

/* Payload of one segment of a train that is still one buffer, 0: it is none. */
PK_INLINE __u32 tm_gso(tm_context *ctx)
{
	return ctx->gso_size;
}

/* Whether a frame that came in is addressed to this machine: a device may see others, too. */
PK_INLINE bool tm_is_ours(tm_context *ctx)
{
	return ctx->pkt_type == 0; /* PACKET_HOST */
}

#define TM_INWARD_ONLY false /* what leaves is seen, too */
#define tm_ct_lookup bpf_skb_ct_lookup

PK_INLINE __u32 tm_mark(tm_context *ctx)
{
	return ctx->mark;
}

#endif
