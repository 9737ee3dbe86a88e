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

/* MTU of the device that ctx is on, in bytes, without the link header. 0: not to be had. */
#define tm_device_mtu(ctx)                                        \
	({                                                        \
		__u32 mtu_ = 0;                                   \
		long e_ = bpf_check_mtu(ctx, 0, &mtu_, 0, 0);     \
		e_ < 0 ? 0 : mtu_;                                \
	})

/*
 * The route MTU of one direction, 0 for none. A length that no route can take makes the kernel answer with the MTU, before it
 * looks for a neighbour.
 */
#define tm_fib_mtu(ctx, params, flags)                                                       \
	({                                                                                   \
		long e_;                                                                     \
		(params)->tot_len = 0xffff;                                                  \
		e_ = bpf_fib_lookup(ctx, params, sizeof(*(params)), flags);                  \
		e_ == BPF_FIB_LKUP_RET_FRAG_NEEDED ? (__u32)(params)->tot_len : 0;           \
	})

/* Fills the lookup of the route toward the packet's destination, or, turned round, its source. */
PK_INLINE bool tm_fib_key(const struct pk_view *v, const struct pk_packet *pk, __u32 ifindex, __u32 mark, bool turn,
			  struct bpf_fib_lookup *p)
{
	__u32 src, dst, n;

	__builtin_memset(p, 0, sizeof(*p));
	p->family = pk->family == PK_IPV4 ? TM_AF_INET : TM_AF_INET6;
	p->l4_protocol = PK_PROTO_TCP;
	p->ifindex = ifindex;
	src = pk->l3 + (pk->family == PK_IPV4 ? 12 : 8);
	dst = pk->l3 + (pk->family == PK_IPV4 ? 16 : 24);
	n = pk->family == PK_IPV4 ? 4 : 16;
	if (!pk_load(v, turn ? dst : src, p->ipv6_src, n) || !pk_load(v, turn ? src : dst, p->ipv6_dst, n) ||
	    !pk_load(v, pk->l4 + (turn ? 2 : 0), &p->sport, 2) || !pk_load(v, pk->l4 + (turn ? 0 : 2), &p->dport, 2))
		return false;
	tm_fib_mark(p) = mark;
	return true;
}

/*
 * The smaller of the route MTUs toward source and destination. One of them lies behind this device: it is looked up as
 * leaving there. The other is looked up as having come in there. The device's own MTU where neither has a route.
 */
#define tm_route_mtu(v, ctx, index, egress, mark, pk)                                                       \
	({                                                                                                  \
		__u32 flags_ = tm_config.fib_mark ? TM_FIB_LOOKUP_MARK : 0, out_ = 0, in_ = 0;              \
		struct bpf_fib_lookup p_;                                                                   \
		if (tm_fib_key(v, pk, index, mark, !(egress), &p_))                                         \
			out_ = tm_fib_mtu(ctx, &p_, flags_ | BPF_FIB_LOOKUP_OUTPUT);                        \
		if (!out_ && tm_fib_key(v, pk, index, mark, !(egress), &p_))                                \
			out_ = tm_fib_mtu(ctx, &p_, flags_);                                                \
		if (tm_fib_key(v, pk, index, mark, egress, &p_))                                            \
			in_ = tm_fib_mtu(ctx, &p_, flags_);                                                 \
		if (!out_ && !in_)                                                                          \
			out_ = pk_device_mtu(v);                                                            \
		!out_ || (in_ && in_ < out_) ? in_ : out_;                                                  \
	})

#endif
