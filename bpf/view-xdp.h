/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * core/view.h over an XDP frame.
 */
#ifndef TM_VIEW_XDP_H
#define TM_VIEW_XDP_H

#include "bpf/frame-xdp.h"
#include "bpf/mtu.h"

PK_INLINE __u32 pk_device_mtu(const struct pk_view *v)
{
	return tm_device_mtu(v->ctx);
}

PK_INLINE __u32 pk_route_mtu(const struct pk_view *v, const struct pk_packet *pk)
{
	return tm_route_mtu(v->ctx, pk, false);
}

#endif
