/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Route MTUs asked of the kernel. Whoever includes it has included a frame, and defined a tm_config that tells of fib_mark.
 */
#ifndef TM_BPF_FIB_H
#define TM_BPF_FIB_H

#include "core/ip.h"

#define TM_AF_INET  2
#define TM_AF_INET6 10

/* Of Linux 6.10; whether this kernel has it is probed when the program is loaded (bpf/config.h). */
#define TM_FIB_LOOKUP_MARK 32
/* Where that kernel looks for the mark: over the source MAC, which is an output otherwise. */
#define tm_fib_mark(params) (*(__u32 *)(params)->smac)

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

#endif
