/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the loader and the programs share: constants set before loading, and the layout of the maps.
 */
#ifndef TM_BPF_CONFIG_H
#define TM_BPF_CONFIG_H

#include "core/reason.h"
#include "core/rules.h"
#include "bpf/event.h"
#include "bpf/learn-record.h"

/* Constants of a loaded program; the verifier drops what they rule out. */
struct tm_bpf_config {
	__u32 hook[2]; /* indices into pk_rules_head.hooks, by enum tm_direction */
	__u32 link; /* enum pk_link of the device */
	__u32 image_words; /* room for one image in the rules map */
	__u8 fib_mark; /* this kernel's route lookup takes a mark */
	__u8 learn_only; /* path MTUs are learned, and nothing else is done: no clamp, no counters */
	__u8 pad[2];
	__u32 wire[2]; /* indices of the two devices, by enum tm_direction: in, out; 0: no wire */
	__u32 tag; /* whose learned paths these are: index of the hook's device, of a wire's `in` */
	__u32 learned_lines; /* of the table of learned paths */
};

/*
 * The rules map: one value of TM_RULES_SIZE(image_words) bytes. Two images; readers take the one `active` names, so that
 * one store switches all limits and prefixes of all hooks at once. Mapped writable by user space.
 */
struct tm_rules_map {
	__u32 active; /* 0 or 1 */
	__u32 generation;
	struct tm_watch watch;
	__u32 pad[10];
	__u32 images[]; /* image_words, twice */
};

#define TM_RULES_SIZE(words) (sizeof(struct tm_rules_map) + 2 * sizeof(__u32) * (words))

/* The value of the counters map, per CPU and direction. It only grows. */
struct tm_bpf_counter {
	__u64 packets, octets;
};

struct tm_bpf_counters {
	struct tm_bpf_counter by_reason[PK_FAMILY_COUNT][PK_REASON_COUNT]; /* each packet once */
	__u64 also[PK_FAMILY_COUNT][PK_REASON_COUNT]; /* packets, beside their reason */
	__u64 syn[PK_FAMILY_COUNT]; /* packets */
	__u64 fixed[PK_FAMILY_COUNT]; /* packets */
};

TM_ASSERT(sizeof(struct tm_bpf_config) == 36, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_rules_map) == 64, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_bpf_counters) == PK_FAMILY_COUNT * (PK_REASON_COUNT * 24 + 16), "shared with the BPF programs");

#endif
