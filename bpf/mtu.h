/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * MTUs asked of the kernel while a SYN passes: always the ones in force, with nothing running beside it.
 */
#ifndef TM_BPF_MTU_H
#define TM_BPF_MTU_H

#include "core/ip.h"
#include "bpf/maps.h"

#define TM_AF_INET  2
#define TM_AF_INET6 10

/* Of Linux 6.10; whether this kernel has it is probed when the program is loaded (bpf/config.h). */
#define TM_FIB_LOOKUP_MARK 32
/* Where that kernel looks for the mark: over the source MAC, which is an output otherwise. */
#define tm_fib_mark(params) (*(__u32 *)(params)->smac)

/* The view that includes this tells the type of its context, and of what the context says these things. */
PK_INLINE __u32 tm_ifindex(tm_context *ctx); /* the device of the hook */
PK_INLINE __u32 tm_came_from(tm_context *ctx); /* on egress: the device a forwarded packet came in on, else 0 */
PK_INLINE __u32 tm_mark(tm_context *ctx);

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
 * The route MTU of one direction, 0 for none. A length that no route can take makes the kernel answer with the MTU, before it
 * looks for a neighbour.
 */
PK_INLINE __u32 tm_fib_mtu(tm_context *ctx, struct bpf_fib_lookup *params, __u32 ifindex, __u32 flags)
{
	params->ifindex = ifindex;
	params->tot_len = 0xffff;
	if (tm_config.fib_mark) {
		flags |= TM_FIB_LOOKUP_MARK;
		tm_fib_mark(params) = tm_mark(ctx);
	}
	return bpf_fib_lookup(ctx, params, sizeof(*params), flags) == BPF_FIB_LKUP_RET_FRAG_NEEDED ? params->tot_len : 0;
}

/* Fills the lookup of the route toward the packet's destination. */
PK_INLINE bool tm_fib_key(const struct pk_view *v, const struct pk_packet *pk, struct bpf_fib_lookup *p)
{
	__u32 n = pk->family == PK_IPV4 ? 4 : 16, src = pk->l3 + (pk->family == PK_IPV4 ? 12 : 8);

	p->family = pk->family == PK_IPV4 ? TM_AF_INET : TM_AF_INET6;
	p->l4_protocol = PK_PROTO_TCP;
	return pk_load(v, src, p->ipv6_src, n) && pk_load(v, src + n, p->ipv6_dst, n) && pk_load(v, pk->l4, &p->sport, 2) &&
	       pk_load(v, pk->l4 + 2, &p->dport, 2);
}

/* Turns it round: toward the source. */
PK_INLINE void tm_fib_turn(struct bpf_fib_lookup *p)
{
	__be16 port = p->sport;

	p->sport = p->dport;
	p->dport = port;
	for (int i = 0; i < 4; i++) {
		__u32 word = p->ipv6_src[i];

		p->ipv6_src[i] = p->ipv6_dst[i];
		p->ipv6_dst[i] = word;
	}
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
