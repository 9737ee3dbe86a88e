/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * core/view.h over a socket buffer on a tc hook.
 */
#ifndef TM_VIEW_TC_H
#define TM_VIEW_TC_H

#include "bpf/frame-tc.h"
#include "bpf/mtu.h"

PK_INLINE __u32 pk_device_mtu(const struct pk_view *v)
{
	return tm_device_mtu(v->ctx);
}

PK_INLINE __u32 pk_route_mtu(const struct pk_view *v, const struct pk_packet *pk)
{
	return tm_route_mtu(v->ctx, pk, v->direction == TM_OUT && !tm_config.wire[TM_IN]);
}

#endif
