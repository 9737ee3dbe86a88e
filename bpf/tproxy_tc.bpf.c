// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Marks packet-too-big messages (PTBs) that quote a connection of a transparent socket, so that a rule of policy routing hands them to
 * that socket and not to whose address it has borrowed. For tc ingress of any device, where nftables cannot do it.
 */
#include "bpf/frame-tc.h"

#include <bpf/bpf_core_read.h>

#include "bpf/tproxy.h"
#include "core/link.h"
#include "core/quote.h"

/* TCX_NEXT and TC_ACT_UNSPEC: whoever comes next decides. */
#define TM_GO_ON (-1)

#define TM_TCP_LISTEN 10

const volatile struct tm_tproxy_config tm_config;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tm_tproxy_marked);
} tm_marked SEC(".maps");

/* As much of the kernel's structures as is looked at. */
struct inet_sock {
	unsigned long inet_flags;
} __attribute__((preserve_access_index));

struct inet_sock___before_6_6 {
	__u8 transparent : 1;
} __attribute__((preserve_access_index));

struct inet_connection_sock {
	struct inet_sock icsk_inet;
} __attribute__((preserve_access_index));

struct tcp_sock {
	struct inet_connection_sock inet_conn;
} __attribute__((preserve_access_index));

static __always_inline bool is_transparent(struct tcp_sock *tcp)
{
	struct inet_sock___before_6_6 *old = (void *)&tcp->inet_conn.icsk_inet;

	if (bpf_core_field_exists(old->transparent))
		return BPF_CORE_READ_BITFIELD(old, transparent);
	return tcp->inet_conn.icsk_inet.inet_flags >> (tm_config.transparent & 63) & 1;
}

/*
 * Whether the connection is one of a transparent socket here. Seen from the socket, what it sent came from its own end: the quote's
 * source. A listening socket is no connection: it would take messages of others, whose own port is the proxy's.
 */
static __always_inline bool is_proxied(struct __sk_buff *ctx, const struct pk_flow *flow)
{
	bool four = flow->family == PK_IPV4, transparent = false;
	struct bpf_sock_tuple tuple = {};
	struct tcp_sock *tcp;
	struct bpf_sock *sk;

	if (four) {
		__builtin_memcpy(&tuple.ipv4.saddr, flow->dst, 4);
		__builtin_memcpy(&tuple.ipv4.daddr, flow->src, 4);
		tuple.ipv4.sport = bpf_htons(flow->dport);
		tuple.ipv4.dport = bpf_htons(flow->sport);
	} else {
		__builtin_memcpy(tuple.ipv6.saddr, flow->dst, 16);
		__builtin_memcpy(tuple.ipv6.daddr, flow->src, 16);
		tuple.ipv6.sport = bpf_htons(flow->dport);
		tuple.ipv6.dport = bpf_htons(flow->sport);
	}
	sk = bpf_skc_lookup_tcp(ctx, &tuple, four ? sizeof(tuple.ipv4) : sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return false;
	if (sk->state != TM_TCP_LISTEN) {
		tcp = bpf_skc_to_tcp_sock(sk); /* NULL: not yet, or no longer, a socket of its own */
		transparent = tcp && is_transparent(tcp);
	}
	bpf_sk_release(sk);
	return transparent;
}

/* A message goes to whoever sent what it quotes; one to another is none of a router. */
static __always_inline bool is_to_sender(const struct pk_view *v, const struct pk_packet *pk,
					 const struct pk_flow *flow)
{
	__u8 to[16] __attribute__((aligned(4))) = {};

	if (pk->family == PK_IPV4 ? !pk_take(v, pk->pseudo_dst, to, 4) : !pk_take(v, pk->pseudo_dst, to, 16))
		return false;
	return pk_raw32(to) == pk_raw32(flow->src) && pk_raw32(to + 4) == pk_raw32(flow->src + 4) &&
	       pk_raw32(to + 8) == pk_raw32(flow->src + 8) && pk_raw32(to + 12) == pk_raw32(flow->src + 12);
}

static __always_inline void count(__u32 family)
{
	__u32 zero = 0;
	struct tm_tproxy_marked *marked = bpf_map_lookup_elem(&tm_marked, &zero);

	if (marked && family < PK_FAMILY_COUNT)
		marked->packets[family]++;
}

SEC("tc")
int tcpmss_tproxy(struct __sk_buff *ctx)
{
	struct pk_view v = tm_view(ctx, ctx->len, 0);
	struct pk_packet pk = {};
	struct pk_quote quote = {};
	__u32 family;

	if (pk_parse_link(&v, &pk, tm_config.link) != PK_GO_ON || pk_parse_ip(&v, &pk) != PK_NOT_TCP ||
	    !pk_is_ptb(&v, &pk))
		return TM_GO_ON;
	family = pk.family == PK_IPV4 ? PK_IPV4 : PK_IPV6;
	if (!tm_config.mask[family] || pk_parse_quote(&v, &pk, &quote) != PK_NOT_REFUSED ||
	    !is_to_sender(&v, &pk, &quote.flow) || !is_proxied(ctx, &quote.flow))
		return TM_GO_ON;
	ctx->mark = (ctx->mark & ~tm_config.mask[family]) | tm_config.mark[family];
	count(family);
	return TM_GO_ON;
}

char tcpmss_license[] SEC("license") = "Dual BSD/GPL";
