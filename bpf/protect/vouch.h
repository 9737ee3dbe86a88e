/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Telling the kernel that a checksum is right.
 *
 * nft's SYNPROXY, up to Linux 6.18 at least, checks the checksum of IPv6 packets as if they were IPv4 (nft_synproxy.c), and so drops all
 * whose checksum no device has verified: no connection over IPv6 opens then. What is on its way there we look at ourselves, on tc.
 */
#ifndef TM_BPF_PROTECT_VOUCH_H
#define TM_BPF_PROTECT_VOUCH_H

#include "core/checksum.h"

#if TM_VOUCHES
/* The end of a segment whose checksum is right; a packet of a train has been verified already. */
PK_INLINE bool tm_sums_up(const struct pk_view *v, struct pk_packet *pk)
{
	struct pk_sum_walk w = { .v = v, .off = pk->l4 };
	__u16 pseudo;

	if (pk->more_fragments || pk_measure_segment(v, pk) != PK_GO_ON || !pk_pseudo_sum(v, pk, &pseudo))
		return false;
	w.end = pk->l4 + pk->segment;
	PK_LOOP(65536 / PK_SUM_CHUNK + 1, pk_sum_step, &w);
	return !w.failed && w.off >= w.end && pk_fold(w.sum + pseudo) == 0xffff;
}

/*
 * The level is raised of what nobody has looked at only. A device may have told the sum of the whole packet, too, which the kernel forgets
 * when it forwards: we make it do so at once, by a change of the length.
 */
__attribute__((noinline)) int tm_vouch(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);

	if (!pk || !tm_sums_up(&v, pk))
		return 0;
	bpf_csum_level(ctx, BPF_CSUM_LEVEL_INC);
	if (bpf_csum_level(ctx, BPF_CSUM_LEVEL_QUERY) >= 0)
		return 0;
	if (!bpf_skb_change_tail(ctx, octets + 1, 0) && !bpf_skb_change_tail(ctx, octets, 0))
		bpf_csum_level(ctx, BPF_CSUM_LEVEL_INC);
	return 0;
}
#endif

PK_INLINE void tm_may_vouch(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
#if TM_VOUCHES
	if (pk->family == PK_IPV6 && bpf_csum_level(ctx, BPF_CSUM_LEVEL_QUERY) < 0)
		tm_vouch(ctx, octets, pk);
#endif
}

#endif
