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
#include "bpf/ct.h"

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
