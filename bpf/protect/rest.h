/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is no SYN, to a protected service that is armed or draining: only what belongs to a connection passes, and what brings a cookie, with
 * which SYNPROXY opens one.
 */
#ifndef TM_BPF_PROTECT_REST_H
#define TM_BPF_PROTECT_REST_H

#include "maps.h"
#include "bpf/ct.h"
#include "core/offer.h"

/* Programs for kernels whose conntrack cannot be asked are built without. */
#ifndef TM_CONNTRACK
#define TM_CONNTRACK 0
#endif

#if TM_CONNTRACK
__attribute__((noinline)) int tm_is_known(tm_context *ctx, __u32 octets, const struct pk_packet *pk)
{
	struct nf_ct_opts_known opts = { .netns_id = -1, .l4proto = PK_PROTO_TCP };
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct bpf_sock_tuple tuple = {};
	struct nf_conn *ct;

	if (!pk || !tm_ct_lookup || !bpf_ct_release)
		return true;
	if (pk->family == PK_IPV4) {
		if (!pk_take(&v, pk->l3 + 12, &tuple.ipv4, 8) || !pk_take(&v, pk->l4, &tuple.ipv4.sport, 4))
			return false;
		ct = tm_ct_lookup(ctx, &tuple, sizeof(tuple.ipv4), &opts, sizeof(opts));
	} else {
		if (!pk_take(&v, pk->l3 + 8, &tuple.ipv6, 32) || !pk_take(&v, pk->l4, &tuple.ipv6.sport, 4))
			return false;
		ct = tm_ct_lookup(ctx, &tuple, sizeof(tuple.ipv6), &opts, sizeof(opts));
	}
	if (!ct)
		return false;
	bpf_ct_release(ct);
	return true;
}
#else
/* The compiler is not told: it would leave out arguments that are not needed then, and the verifier misses them. */
PK_INLINE int tm_is_known(tm_context *ctx, __u32 octets, const struct pk_packet *pk)
{
	int known = true;

	PK_OPAQUE(known);
	return known;
}
#endif

__attribute__((noinline)) int tm_check_cookie(tm_context *ctx, __u32 octets, const struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	__u8 ip[PK_IPV6_HEADER] __attribute__((aligned(8))) = {}, tcp[PK_TCP_HEADER] __attribute__((aligned(8)));

	if (!pk || !pk_take(&v, pk->l4, tcp, sizeof(tcp)))
		return false;
	if (pk->family == PK_IPV4)
		return tm_addresses(&v, pk, ip) && !bpf_tcp_raw_check_syncookie_ipv4((void *)ip, (void *)tcp);
	return tm_addresses(&v, pk, ip) && !bpf_tcp_raw_check_syncookie_ipv6((void *)ip, (void *)tcp);
}

__attribute__((noinline)) int tm_take_rest(tm_context *ctx, __u32 octets, struct pk_packet *pk, __u32 flags)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	__u32 block, reason;

	if (!pk)
		return TM_PASS;
	block = tm_block_of(&v, pk);
	if (block >= TM_PROTECT_BLOCKS || tm_state.blocks[block].arm == TM_PROTECT_IDLE)
		return TM_PASS;
	if (tm_state.blocks[block].accelerator != TM_ACCELERATOR) {
		tm_may_vouch(ctx, octets, pk);
		return TM_PASS;
	}
	if (tm_is_known(ctx, octets, pk))
		reason = PK_PROTECT_KNOWN;
	else if ((flags & (PK_TCP_ACK | PK_TCP_SYN | PK_TCP_RST)) != PK_TCP_ACK)
		reason = PK_PROTECT_STRAY;
	else
		reason = tm_check_cookie(ctx, octets, pk) ? PK_PROTECT_COOKIE_GOOD : PK_PROTECT_COOKIE_BAD;
	if (reason == PK_PROTECT_COOKIE_GOOD)
		tm_may_vouch(ctx, octets, pk);
	tm_count_protect(block, pk->family, reason);
	return tm_verdict(reason);
}

#endif
