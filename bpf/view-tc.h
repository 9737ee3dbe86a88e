/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * core/view.h over a socket buffer on a tc hook.
 */
#ifndef TM_VIEW_TC_H
#define TM_VIEW_TC_H

#include "bpf/view-skb.h"
#include "bpf/mtu.h"

PK_INLINE __u32 tm_ifindex(tm_context *ctx)
{
	return ctx->ifindex;
}

/* Payload of one segment of a train that is still one buffer, 0: it is none. */
PK_INLINE __u32 tm_gso(tm_context *ctx)
{
	return ctx->gso_size;
}

#define TM_INWARD_ONLY false /* what leaves is seen, too */
#define tm_ct_lookup bpf_skb_ct_lookup

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
	return tm_route_mtu(v->ctx, pk, v->direction == TM_OUT && !tm_config.wire[TM_IN]);
}

#endif
