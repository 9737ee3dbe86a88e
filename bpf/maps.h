/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Maps and constants of the programs. Sizes that depend on the rules are set by the loader.
 */
#ifndef TM_BPF_MAPS_H
#define TM_BPF_MAPS_H

#include "core/target.h"
#include "core/learned.h"
#include "bpf/config.h"

const volatile struct tm_bpf_config tm_config = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, TM_RULES_SIZE(sizeof(struct pk_rules_head) / 4));
} tm_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TM_DIRECTIONS);
	__type(key, __u32);
	__type(value, struct tm_bpf_counters);
} tm_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, TM_EVENTS_BYTES);
} tm_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tm_bpf_telling);
} tm_telling SEC(".maps");

/* Programs that learn are objects of their own: the others need nothing of what follows, nor the kernel's type information. */
#ifndef TM_LEARNS
#define TM_LEARNS 0
#endif

/* And of those that learn the ones that ask conntrack need a kernel that tells of it, and whoever loads them the right to know its modules. */
#ifndef TM_CONNTRACK
#define TM_CONNTRACK 0
#endif

#if TM_LEARNS
/* These are shared by all hooks of a network namespace (io/hook/learn-maps.h). The table is as large as its writer wants. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, PK_LEARNED_SIZE(1));
} tm_learned SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, TM_LEARN_BYTES);
} tm_learn SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TM_WATCHED_FLOWS);
	__type(key, struct tm_watched_flow);
	__type(value, struct tm_watched);
} tm_watched SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tm_bpf_learning);
} tm_learning SEC(".maps");

/* A map, too, whose words are reached in one instruction. */
volatile struct tm_learn_state tm_state SEC(".data.learn") = {};
#endif

#endif
