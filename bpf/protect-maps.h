/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Constants and maps of the programs of `protect`. Sizes that depend on the services are set by the loader.
 */
#ifndef TM_BPF_PROTECT_MAPS_H
#define TM_BPF_PROTECT_MAPS_H

#include "bpf/protect-map.h"

const volatile struct tm_protect_config tm_protect = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, TM_SERVICES_SIZE(sizeof(struct pk_services_head) / 4));
} tm_services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TM_PROTECT_BLOCKS);
	__type(key, __u32);
	__type(value, struct tm_protect_counters);
} tm_protected SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TM_PROTECT_SERVERS);
	__type(key, struct tm_protect_server_key);
	__type(value, struct tm_protect_server);
} tm_servers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TM_PROTECT_HALF_OPEN);
	__type(key, struct pk_flow);
	__type(value, struct tm_half_open);
} tm_half_open SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TM_PROTECT_ANSWERS);
	__type(key, struct pk_flow);
	__type(value, struct tm_protect_answer);
} tm_answers SEC(".maps");

/* A map, too, whose words are reached in one instruction. */
volatile struct tm_protect_state tm_guard SEC(".data.protect") = {};

PK_INLINE void tm_protect_count(__u32 block, __u32 family, __u32 reason)
{
	struct tm_protect_counters *c = bpf_map_lookup_elem(&tm_protected, &block);

	if (c && family < PK_FAMILY_COUNT && reason < PK_PROTECT_REASON_COUNT)
		c->packets[family][reason]++;
}

PK_INLINE struct pk_key tm_key(const __u8 *addr, __u8 family)
{
	if (family == PK_IPV4)
		return (struct pk_key){ .high = (__u64)pk_get32(addr) << 32 };
	return (struct pk_key){ .high = pk_get64(addr), .low = pk_get64(addr + 8) };
}

/* The block of the flow's server, or PK_NO_BLOCK. */
__attribute__((noinline)) int tm_find_service(const struct pk_flow *f)
{
	struct tm_services_map *map;
	struct pk_rules services;
	__u32 zero = 0;

	map = bpf_map_lookup_elem(&tm_services, &zero);
	if (!map || !f)
		return PK_NO_BLOCK;
	services.words = tm_protect.services_words;
	services.slot = map->active & 1;
	services.image = map->images + (services.slot ? tm_protect.services_words : 0);
	return pk_service_find(&services, f->family, tm_key(f->dst, f->family), f->dport);
}

PK_INLINE bool tm_is_sampled(const struct pk_flow *f)
{
	__u32 hash = pk_sample_hash(tm_guard.seed, tm_key(f->src, f->family), tm_key(f->dst, f->family),
				    (__u32)f->sport << 16 | f->dport);

	return !(hash & tm_guard.sample_mask);
}

#endif
