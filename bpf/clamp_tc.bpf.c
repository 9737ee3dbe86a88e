// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The clamp on tc: what a device receives and what it sends.
 */
#include "bpf/maps.h"
#include "bpf/view-tc.h"
#include "bpf/run.h"

/* TCX_NEXT and TC_ACT_UNSPEC: whoever comes next decides. */
#define TM_GO_ON (-1)

SEC("tc")
int tcpmss_in(struct __sk_buff *ctx)
{
	tm_run(ctx, TM_IN);
	return TM_GO_ON;
}

SEC("tc")
int tcpmss_out(struct __sk_buff *ctx)
{
	tm_run(ctx, TM_OUT);
	return TM_GO_ON;
}

char tcpmss_license[] SEC("license") = "Dual BSD/GPL";
