/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Maps and constants of the programs of protect (bpf/protect/map.h), and what all of them do with these.
 */
#ifndef TM_BPF_PROTECT_MAPS_H
#define TM_BPF_PROTECT_MAPS_H

#include "core/target.h"
#include "map.h"
#include "core/sample.h"

const volatile struct tm_protect_config tm_config = {};

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
} tm_counters SEC(".maps");

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

/* A map, too, whose words are reached in one instruction. */
volatile struct tm_protect_state tm_state SEC(".data.protect") = {};

PK_INLINE void tm_count_protect(__u32 block, __u32 family, __u32 reason)
{
	struct tm_protect_counters *c = bpf_map_lookup_elem(&tm_counters, &block);

	if (c && family < PK_FAMILY_COUNT && reason < PK_PROTECT_REASON_COUNT)
		c->packets[family][reason]++;
}

/* The image that is in force. */
PK_INLINE bool tm_services_now(struct pk_rules *rules)
{
	struct tm_services_map *map;
	__u32 zero = 0;

	map = bpf_map_lookup_elem(&tm_services, &zero);
	if (!map)
		return false;
	rules->words = tm_config.services_words;
	rules->slot = map->active & 1;
	rules->image = map->images + (rules->slot ? tm_config.services_words : 0);
	return true;
}

/* The block of a service, or PK_NO_BLOCK. */
__attribute__((noinline)) __u32 tm_find_service(const struct pk_key *server, __u32 family, __u32 port)
{
	struct pk_rules rules;

	if (!server || !tm_services_now(&rules))
		return PK_NO_BLOCK;
	return pk_service_find(&rules, family, (struct pk_key){ server->high, server->low }, port);
}

#endif
