/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * MTUs asked of the kernel while a SYN passes: always the ones in force, with nothing running beside it.
 */
#ifndef TM_BPF_MTU_H
#define TM_BPF_MTU_H

#include "bpf/maps.h"
#include "bpf/fib.h"

/* MTU of the hook's device, of a wire's two the smaller, in bytes, without the link header. 0: not to be had. */
PK_INLINE __u32 tm_device_mtu(tm_context *ctx)
{
	__u32 mtu = 0, least; /* one in memory: stack is scarce where this is called */

	if (bpf_check_mtu(ctx, tm_config.wire[TM_IN], &mtu, 0, 0) < 0) /* index 0: the device that ctx is on */
		mtu = 0;
	least = mtu;
	if (tm_config.wire[TM_IN] && bpf_check_mtu(ctx, tm_config.wire[TM_OUT], &mtu, 0, 0) >= 0 && (!least || mtu < least))
		least = mtu;
	return least;
}

/*
 * The smaller of the route MTUs toward source and destination. A forwarded packet that leaves here is looked up as it was: by the
 * device it came in on. Else what lies behind this device is looked up as leaving here, and the other end as having come in here.
 * The device's own MTU where neither has a route.
 */
__attribute__((noinline)) int tm_route_mtu(tm_context *ctx, const struct pk_packet *pk, __u32 egress)
{
	struct pk_view v = { .ctx = ctx };
	struct bpf_fib_lookup p = {};
	__u32 from = tm_came_from(ctx), behind = 0, other;

	if (!pk || !tm_fib_key(&v, pk, &p))
		return 0;
	if (!egress)
		tm_fib_turn(&p);
	else if (from)
		behind = tm_fib_mtu(ctx, &p, from, 0);
	if (!behind)
		behind = tm_fib_mtu(ctx, &p, tm_ifindex(ctx), BPF_FIB_LOOKUP_OUTPUT);
	if (!behind)
		behind = tm_fib_mtu(ctx, &p, tm_ifindex(ctx), 0);
	tm_fib_turn(&p);
	other = tm_fib_mtu(ctx, &p, tm_ifindex(ctx), 0);
	if (!behind && !other)
		return tm_device_mtu(ctx);
	return !behind || (other && other < behind) ? other : behind;
}

#endif
