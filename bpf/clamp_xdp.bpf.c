// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The clamp on XDP: what a device receives.
 */
#include "bpf/maps.h"
#include "bpf/view-xdp.h"
#include "bpf/run.h"
#include <xdp/xdp_helpers.h>

/* Beside other programs: before those that take packets away (default 50), and only XDP_PASS goes on. */
struct {
	__uint(priority, 20);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(tcpmss_xdp);

SEC("xdp.frags")
int tcpmss_xdp(struct xdp_md *ctx)
{
	tm_run(ctx, TM_IN);
	return XDP_PASS;
}

char tcpmss_license[] SEC("license") = "Dual BSD/GPL";
