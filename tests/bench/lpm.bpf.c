// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * One longest-prefix match, by the kernel's LPM map and by our trie.
 */
#include "bpf/maps.h"
#include "bpf/view-xdp.h"
#include "bpf/run.h"
#include "tests/bench/edit.h"

/* As the kernel wants the key of an LPM map. */
struct lpm_key {
	__u32 bits;
	__u8 addr[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 100000);
	__type(key, struct lpm_key);
	__type(value, __u32);
} lpm_map SEC(".maps");

/* Set by user space: addresses, all or only the first one; how many bits they have; the root of our trie. */
__u8 lpm_addresses[BENCH_SOURCES][16] = {};
__u32 lpm_mask = 0, lpm_bits = 0, lpm_root = 0, lpm_next = 0;

__u64 lpm_sum = 0; /* of what was found */

static __always_inline const __u8 *next_address(void)
{
	return lpm_addresses[lpm_next++ & lpm_mask & (BENCH_SOURCES - 1)];
}

SEC("xdp")
int lpm_floor(struct xdp_md *ctx)
{
	const __u8 *a = next_address();

	lpm_sum += pk_get64(a) ^ pk_get64(a + 8);
	return XDP_PASS;
}

SEC("xdp")
int lpm_kernel(struct xdp_md *ctx)
{
	struct lpm_key key = { .bits = lpm_bits };
	const __u32 *mtu;

	__builtin_memcpy(key.addr, next_address(), 16);
	mtu = bpf_map_lookup_elem(&lpm_map, &key);
	if (mtu)
		lpm_sum += *mtu;
	return XDP_PASS;
}

SEC("xdp")
int lpm_ours(struct xdp_md *ctx)
{
	const __u8 *a = next_address();
	const struct pk_hook *hook;
	struct pk_rules rules;
	__u32 watched;

	if (tm_rules_now(&rules, TM_IN, &hook, &watched))
		lpm_sum += pk_trie_find(&rules, lpm_root, (struct pk_key){ pk_get64(a), pk_get64(a + 8) });
	return XDP_PASS;
}

char lpm_license[] SEC("license") = "Dual BSD/GPL";
