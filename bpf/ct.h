/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Asking conntrack for a connection, where it runs (Linux 6.1 with its BTF). Whoever includes it has included a frame.
 */
#ifndef TM_BPF_CT_H
#define TM_BPF_CT_H

#include "core/flow.h"
#include "core/ip.h"

struct nf_ct_opts_known {
	__s32 netns_id; /* -1: the program's own */
	__s32 error;
	__u8 l4proto, dir;
	__u8 reserved[2];
};

struct ip_ct_tcp_state {
	__u32 td_end, td_maxack;
} __attribute__((preserve_access_index));

struct ip_ct_tcp {
	struct ip_ct_tcp_state seen[2];
	__u8 state;
} __attribute__((preserve_access_index));

union nf_conntrack_proto {
	struct ip_ct_tcp tcp;
} __attribute__((preserve_access_index));

struct nf_conn {
	union nf_conntrack_proto proto;
} __attribute__((preserve_access_index));

extern struct nf_conn *tm_ct_lookup(tm_context *ctx, struct bpf_sock_tuple *tuple, __u32 size,
				    struct nf_ct_opts_known *opts, __u32 opts_size) __ksym __attribute__((weak));
extern void bpf_ct_release(struct nf_conn *ct) __ksym __attribute__((weak));

/* The flow as conntrack wants it, or with `turned` what its receiver sends. Returns the size. */
PK_INLINE __u32 tm_ct_tuple(const struct pk_flow *f, bool turned, struct bpf_sock_tuple *t)
{
	__be16 from = bpf_htons(turned ? f->dport : f->sport), to = bpf_htons(turned ? f->sport : f->dport);
	const __u8 *src = turned ? f->dst : f->src, *dst = turned ? f->src : f->dst;

	if (f->family == PK_IPV4) {
		pk_copy(&t->ipv4.saddr, src, 4);
		pk_copy(&t->ipv4.daddr, dst, 4);
		t->ipv4.sport = from;
		t->ipv4.dport = to;
		return sizeof(t->ipv4);
	}
	pk_copy(t->ipv6.saddr, src, 16);
	pk_copy(t->ipv6.daddr, dst, 16);
	t->ipv6.sport = from;
	t->ipv6.dport = to;
	return sizeof(t->ipv6);
}

#endif
