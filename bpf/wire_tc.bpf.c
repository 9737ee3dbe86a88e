// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * A wire on tc: what one device receives is clamped and leaves through the other. Checksums and segments that are left to a
 * device stay so, and so do tags that the receiving device has taken out of the frame.
 */
#include "bpf/maps.h"
#include "bpf/view-tc.h"
#include "bpf/run.h"

SEC("tc")
int tcpmss_in(struct __sk_buff *ctx)
{
	tm_run(ctx, TM_IN);
	return bpf_redirect(tm_config.wire[TM_OUT], 0);
}

SEC("tc")
int tcpmss_out(struct __sk_buff *ctx)
{
	tm_run(ctx, TM_OUT);
	return bpf_redirect(tm_config.wire[TM_IN], 0);
}

char tcpmss_license[] SEC("license") = "Dual BSD/GPL";
