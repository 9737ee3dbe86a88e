/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A SYN to a protected service: let pass while the block is idle, answered with a cookie while it is armed.
 */
#ifndef TM_BPF_PROTECT_SYN_H
#define TM_BPF_PROTECT_SYN_H

#include "limit.h"
#include "sample.h"
#include "core/protect-syn.h"

/* Where the answer goes, by tc or XDP: writes it over the SYN. False where that could not be done: the frame is as it was then. */
PK_INLINE bool tm_put_answer(struct pk_view *v, const struct pk_packet *pk, struct pk_synack *a, __u16 pseudo,
			     __u16 data, bool partial);

__attribute__((noinline)) int tm_check_sum(tm_context *ctx, __u32 octets, const struct pk_packet *pk,
					   const struct pk_tcp *tcp)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);

	return pk && tcp ? pk_syn_checksum(&v, pk, tcp) : PK_SYN_WRONG;
}

PK_INLINE enum pk_syn_checksum pk_find_checksum(const struct pk_view *v, const struct pk_packet *pk,
						const struct pk_tcp *tcp)
{
	return tm_check_sum(v->ctx, v->len, pk, tcp);
}

/* One more of the SYNs that pass in this second, if it may. */
PK_INLINE bool tm_spend(volatile struct tm_protect_block *b, volatile __u32 *spent, __u32 most)
{
	__u64 now = bpf_ktime_get_coarse_ns();

	if (now - b->window >= TM_PROTECT_WINDOW_NS) {
		b->window = now;
		b->unknown = 0;
		b->passed = 0;
	}
	if (*spent >= most)
		return false;
	++*spent;
	return true;
}

/* The kernel's cookie, or a negative error. `ip` is room for an IP header: stack is scarce here. */
PK_INLINE __s64 tm_make_cookie(const struct pk_view *v, const struct pk_packet *pk, struct pk_tcp *tcp,
			       __u8 ip[PK_IPV6_HEADER])
{
	__u32 header = tcp->header;

	PK_OPAQUE(header);
	if (header < PK_TCP_HEADER || header > PK_TCP_HEADER_MAX || !tm_addresses(v, pk, ip))
		return -1;
	if (pk->family == PK_IPV4)
		return bpf_tcp_raw_gen_syncookie_ipv4((void *)ip, (void *)tcp->bytes, header);
	return bpf_tcp_raw_gen_syncookie_ipv6((void *)ip, (void *)tcp->bytes, header);
}

/* A SYN that can be answered. */
struct tm_syn {
	struct pk_tcp tcp;
	struct pk_offer offer;
	struct pk_grant grant;
	__u32 partial; /* its checksum is left to the device */
};

__attribute__((noinline)) int tm_send_answer(tm_context *ctx, __u32 octets, const struct pk_packet *pk,
					     struct tm_syn *syn)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	__u32 clock = bpf_ktime_get_coarse_ns() / 1000000;
	struct pk_synack a = {};
	__u16 pseudo, data;
	__s64 cookie;

	if (!pk || !syn)
		return PK_PROTECT_FAILED;
	cookie = tm_make_cookie(&v, pk, &syn->tcp, a.ip);
	if (cookie < 0 ||
	    !pk_synack_make(&v, pk, &syn->tcp, &syn->offer, &syn->grant, cookie, clock, &a, &pseudo, &data) ||
	    !tm_put_answer(&v, pk, &a, pseudo, data, syn->partial))
		return PK_PROTECT_FAILED;
	return PK_PROTECT_ANSWERED;
}

/*
 * Whether the server's answer to this SYN tells more than is known (tm_find_grant()). Those who offer no timestamps cannot show what a server
 * lacks (bpf/protect_server.bpf.c); and with what is not known nobody would be granted it.
 */
PK_INLINE bool tm_would_tell(__u32 known, const struct pk_offer *o)
{
	__u8 offers = (o->offers & (TM_SERVER_SACK | TM_SERVER_TIMESTAMPS | TM_SERVER_ECN)) |
		      (o->wscale != PK_NO_WSCALE ? TM_SERVER_WSCALE : 0);

	return !known || (offers & TM_SERVER_TIMESTAMPS && offers & ~known);
}

/* Enum pk_protect_reason. */
__attribute__((noinline)) int tm_answer(tm_context *ctx, __u32 octets, struct pk_packet *pk, __u64 service)
{
	__u32 block = TM_SERVICE_BLOCK(service);
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	volatile struct tm_protect_block *b;
	struct tm_syn syn = {};
	bool partial = false;
	__u32 reason, known;

	if (!pk || block >= TM_PROTECT_BLOCKS)
		return PK_PROTECT_FAILED;
	b = &tm_state.blocks[block];
	reason = pk_judge_syn(&v, pk, &syn.tcp, &syn.offer, &partial);
	if (reason == PK_PROTECT_PASSED_SMALL_MSS || reason == PK_PROTECT_PASSED_SIGNED ||
	    reason == PK_PROTECT_PASSED_FRAGMENT)
		return tm_spend(b, &b->passed, TM_PROTECT_PASSED) ? reason : PK_PROTECT_OVER_BUDGET;
	if (reason != PK_PROTECT_NONE)
		return reason;
	known = tm_find_grant(ctx, octets, pk, service, &syn.grant);
	if (unlikely(tm_would_tell(known, &syn.offer)) && tm_spend(b, &b->unknown, TM_PROTECT_UNKNOWN))
		return PK_PROTECT_PASSED_UNKNOWN;
	syn.partial = partial;
	return tm_send_answer(ctx, octets, pk, &syn);
}

PK_INLINE int tm_verdict(__u32 reason)
{
	switch (reason) {
	case PK_PROTECT_ANSWERED:
		return TM_REPLY;
	case PK_PROTECT_OVER_BUDGET:
	case PK_PROTECT_BAD_CHECKSUM:
	case PK_PROTECT_MALFORMED:
	case PK_PROTECT_COOKIE_BAD:
	case PK_PROTECT_STRAY:
		return TM_DROP;
	default:
		return TM_PASS;
	}
}

__attribute__((noinline)) int tm_take_syn(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	volatile struct tm_protect_block *b;
	__u32 block, reason, accelerator, generation = tm_generation();

	if (!pk)
		return TM_PASS;
	block = tm_block_of(&v, pk);
	if (block >= TM_PROTECT_BLOCKS)
		return TM_PASS;
	b = &tm_state.blocks[block];
	accelerator = b->accelerator;
	if (b->arm == TM_PROTECT_ARMED && accelerator == TM_ACCELERATOR) {
		reason = tm_answer(ctx, octets, pk, TM_SERVICE(block, generation));
	} else {
		/* What XDP has let pass while it is armed has been counted there. */
		if (!TM_SAMPLES || (b->arm == TM_PROTECT_ARMED && accelerator == TM_ACCELERATOR_XDP))
			return TM_PASS;
		reason = PK_PROTECT_PASSED_IDLE;
		tm_open(ctx, octets, pk, block);
		if (b->arm == TM_PROTECT_ARMED)
			tm_may_vouch(ctx, octets, pk);
	}
	tm_count_protect(block, pk->family, reason);
	return tm_verdict(reason);
}

#endif
