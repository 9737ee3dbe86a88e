// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * XDP programs to measure against each other.
 */
#include "bpf/maps.h"
#include "bpf/view-xdp.h"
#include "bpf/run.h"
#include "tests/bench/restore.h"

SEC("xdp.frags")
int bench_empty(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp.frags")
int bench_floor(struct xdp_md *ctx)
{
	bench_restore((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return XDP_PASS;
}

SEC("xdp.frags")
int bench_clamp(struct xdp_md *ctx)
{
	tm_run(ctx, TM_IN);
	bench_restore((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return XDP_PASS;
}

char bench_license[] SEC("license") = "Dual BSD/GPL";
