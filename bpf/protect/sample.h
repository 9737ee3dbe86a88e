/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Half-open connections, counted on a sample of all flows: a SYN that passes opens one, what only its client can send completes it.
 */
#ifndef TM_BPF_PROTECT_SAMPLE_H
#define TM_BPF_PROTECT_SAMPLE_H

#include "maps.h"
#include "core/key.h"
#include "core/offer.h"
#include "core/segment.h"

#define TM_HALF_OPEN_NS 64000000000ull /* longer no stack waits for the end of a handshake */

/* Whether the frame's flow belongs to the sample. */
PK_INLINE bool tm_flow_is_sampled(const struct pk_view *v, const struct pk_packet *pk)
{
	__u32 n = pk->family == PK_IPV4 ? 4 : 16, src = pk->l3 + (pk->family == PK_IPV4 ? 12 : 8);
	struct pk_key client, server;
	__u8 ports[4];

	if (!pk_load_key(v, src, pk->family, &client) || !pk_load_key(v, src + n, pk->family, &server) ||
	    !pk_take(v, pk->l4, ports, sizeof(ports)))
		return false;
	return !(pk_sample_hash(tm_state.seed, client, server, pk_get32(ports)) & tm_state.sample_mask);
}

/* A SYN that passes. One that is sent again opens nothing. */
__attribute__((noinline)) int tm_open(tm_context *ctx, __u32 octets, const struct pk_packet *pk, __u32 block)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct tm_half_open new = { .since = bpf_ktime_get_coarse_ns(), .block = block }, *old;
	struct pk_flow flow;

	if (!pk || !tm_flow_is_sampled(&v, pk) || !pk_flow_of(&v, pk, &flow))
		return 0;
	old = bpf_map_lookup_elem(&tm_half_open, &flow);
	if (old && new.since - old->since < TM_HALF_OPEN_NS)
		return 0;
	if (!bpf_map_update_elem(&tm_half_open, &flow, &new, BPF_ANY))
		tm_count_protect(block, pk->family, PK_PROTECT_SAMPLED_OPENED);
	return 0;
}

/* What is no SYN: of a sampled flow, its client may have got the server's SYN-ACK, or does not want it. */
__attribute__((noinline)) int tm_complete(tm_context *ctx, __u32 octets, const struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct tm_half_open *open;
	struct pk_flow flow;
	__u8 tcp[PK_TCP_FLAGS + 1];
	__u32 reason;

	if (!pk || !tm_flow_is_sampled(&v, pk) || !pk_flow_of(&v, pk, &flow) || !pk_take(&v, pk->l4, tcp, sizeof(tcp)))
		return 0;
	open = bpf_map_lookup_elem(&tm_half_open, &flow);
	if (!open)
		return 0;
	if (tcp[PK_TCP_FLAGS] & PK_TCP_RST)
		reason = PK_PROTECT_SAMPLED_RESET;
	else if (tcp[PK_TCP_FLAGS] & PK_TCP_ACK && open->answered && pk_get32(tcp + 8) - open->expected <= 0xffff)
		reason = PK_PROTECT_SAMPLED_COMPLETED;
	else
		return 0;
	tm_count_protect(open->block, pk->family, reason);
	bpf_map_delete_elem(&tm_half_open, &flow);
	return 0;
}

#endif
