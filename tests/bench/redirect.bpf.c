// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * A bare wire: every frame leaves through the other device, and nobody looks at it. What tcpmss costs is measured against this.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 redirect_to[2] = {}; /* indices: where what came in on the first device leaves, and on the second */

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} redirect_map SEC(".maps");

SEC("xdp.frags")
int redirect_xdp0(struct xdp_md *ctx)
{
	return bpf_redirect_map(&redirect_map, 0, 0);
}

SEC("xdp.frags")
int redirect_xdp1(struct xdp_md *ctx)
{
	return bpf_redirect_map(&redirect_map, 1, 0);
}

SEC("tc")
int redirect_tc0(struct __sk_buff *ctx)
{
	return bpf_redirect(redirect_to[0], 0);
}

SEC("tc")
int redirect_tc1(struct __sk_buff *ctx)
{
	return bpf_redirect(redirect_to[1], 0);
}

char redirect_license[] SEC("license") = "Dual BSD/GPL";
