// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * tc programs to measure against each other.
 */
#include "bpf/maps.h"
#include "bpf/view-tc.h"
#include "bpf/run.h"
#include "tests/bench/restore.h"

SEC("tc")
int bench_empty(struct __sk_buff *ctx)
{
	return -1;
}

SEC("tc")
int bench_floor(struct __sk_buff *ctx)
{
	bench_restore((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return -1;
}

SEC("tc")
int bench_clamp(struct __sk_buff *ctx)
{
	tm_run(ctx, TM_IN);
	bench_restore((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return -1;
}

char bench_license[] SEC("license") = "Dual BSD/GPL";
