// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * A wire on XDP: what one device receives is clamped and leaves through the other.
 */
#include "bpf/maps.h"
#include "bpf/view-xdp.h"
#include "bpf/run.h"
#include <xdp/xdp_helpers.h>

/* Beside other programs: behind all that look at frames or drop them, for nothing goes on from here. */
struct {
	__uint(priority, 90);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(tcpmss_in);

struct {
	__uint(priority, 90);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(tcpmss_out);

/* Where what came in leaves, by direction. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, TM_DIRECTIONS);
	__type(key, __u32);
	__type(value, __u32);
} tm_wire SEC(".maps");

SEC("xdp.frags")
int tcpmss_in(struct xdp_md *ctx)
{
	tm_run(ctx, TM_IN);
	return bpf_redirect_map(&tm_wire, TM_IN, 0);
}

SEC("xdp.frags")
int tcpmss_out(struct xdp_md *ctx)
{
	tm_run(ctx, TM_OUT);
	return bpf_redirect_map(&tm_wire, TM_OUT, 0);
}

char tcpmss_license[] SEC("license") = "Dual BSD/GPL";
