/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What conntrack knows of a quoted flow, where it runs (Linux 6.1 with its BTF; elsewhere nothing is known). Where conntrack is a module,
 * only who has CAP_SYS_ADMIN may know its functions: for others the programs are built without this.
 */
#ifndef TM_BPF_CONNTRACK_H
#define TM_BPF_CONNTRACK_H

#include "bpf/learn-record.h"
#include "core/ip.h"

#if TM_CONNTRACK

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

/*
 * Both tuples of a connection are known, the second one as its answers come in. A quote behind the translation is the turned answer,
 * one before it the first tuple.
 */
PK_INLINE bool tm_ct_ask(tm_context *ctx, const struct pk_flow *flow, bool turned, struct tm_bpf_window *w)
{
	struct nf_ct_opts_known opts = { .netns_id = -1, .l4proto = PK_PROTO_TCP };
	struct bpf_sock_tuple tuple = {};
	struct nf_conn *ct;
	bool reply;

	tm_ct_tuple(flow, turned, &tuple);
	if (flow->family == PK_IPV4)
		ct = tm_ct_lookup(ctx, &tuple, sizeof(tuple.ipv4), &opts, sizeof(opts));
	else
		ct = tm_ct_lookup(ctx, &tuple, sizeof(tuple.ipv6), &opts, sizeof(opts));
	if (!ct) {
		w->error = opts.error;
		return false;
	}
	reply = (opts.dir & 1) != turned; /* the way of the quoted flow */
	if (reply) {
		w->nxt = ct->proto.tcp.seen[1].td_end;
		w->una = ct->proto.tcp.seen[0].td_maxack;
	} else {
		w->nxt = ct->proto.tcp.seen[0].td_end;
		w->una = ct->proto.tcp.seen[1].td_maxack;
	}
	w->state = ct->proto.tcp.state;
	w->reply = reply;
	w->known = 1;
	w->error = 0;
	bpf_ct_release(ct);
	return true;
}

__attribute__((noinline)) int tm_find_window(tm_context *ctx, const struct pk_flow *flow, struct tm_bpf_window *w)
{
	if (!flow || !w || !tm_ct_lookup || !bpf_ct_release)
		return 0;
	return tm_ct_ask(ctx, flow, true, w) || tm_ct_ask(ctx, flow, false, w);
}

#else

PK_INLINE int tm_find_window(tm_context *ctx, const struct pk_flow *flow, struct tm_bpf_window *w)
{
	return 0;
}

#endif

#endif
