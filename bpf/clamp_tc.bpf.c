// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The clamp on tc: what a device receives and what it sends.
 */
#include "bpf/maps.h"
#include "bpf/view-tc.h"
#include "bpf/run.h"

/* TCX_NEXT and TC_ACT_UNSPEC: whoever comes next decides. */
#define TM_GO_ON (-1)

static __always_inline int tm_tc(struct __sk_buff *ctx, enum tm_direction direction)
{
	struct pk_view v = {
		.ctx = ctx,
		.data = (void *)(long)ctx->data,
		.data_end = (void *)(long)ctx->data_end,
		.egress = direction == TM_OUT,
	};

	tm_run(&v, direction, ctx->len);
	return TM_GO_ON;
}

SEC("tc")
int tcpmss_in(struct __sk_buff *ctx)
{
	return tm_tc(ctx, TM_IN);
}

SEC("tc")
int tcpmss_out(struct __sk_buff *ctx)
{
	return tm_tc(ctx, TM_OUT);
}

char tcpmss_license[] SEC("license") = "Dual BSD/GPL";
