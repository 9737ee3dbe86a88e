/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Watching: what the programs tell of single SYNs, to whoever asks for it (io/hook/events.h).
 */
#ifndef TM_BPF_EVENT_H
#define TM_BPF_EVENT_H

#include "core/reason.h"
#include "core/target.h"

#ifdef __cplusplus
#define TM_ASSERT static_assert
#else
#define TM_ASSERT _Static_assert
#endif

/* On a wire, what came in on its first device, and what came in on its second. */
enum tm_direction { TM_IN, TM_OUT, TM_DIRECTIONS };

/* Written by the watcher. It holds until a time that the watcher puts off, so that nothing is left behind by one that was killed. */
struct tm_watch {
	__u32 reasons; /* 1 << reason for those that are watched, 0: nobody watches */
	__u32 pad;
	__u64 until; /* CLOCK_MONOTONIC in ns */
};

#define TM_EVENTS_BYTES (256 * 1024) /* of the ring: over 3500 events */

/* Events that one CPU tells in one window at most, so that a flood of SYNs costs little while somebody watches. */
#define TM_EVENTS_WINDOW_NS 100000000ull
#define TM_EVENTS_WINDOW 1000

/* Each CPU's own: of its window, and how many events it had to leave out (over the number, or with the ring full). That only grows. */
struct tm_bpf_telling {
	__u64 window; /* when it began: CLOCK_MONOTONIC in ns */
	__u64 told; /* in it */
	__u64 left_out; /* ever */
};

/* What became of a SYN. */
struct tm_outcome {
	__u32 also; /* 1 << reason */
	__u16 from, to; /* MSS before and after: of the option that was changed first, else of the first; 0: none */
	__u16 limit; /* MSS, 0: none */
	__u8 source; /* enum pk_source of it */
	__u8 reason; /* enum pk_reason */
	__u8 family; /* enum pk_family */
	__u8 direction; /* enum tm_direction */
	__u8 pad[2];
};

/* A record of the ring. Ports in host order; addresses in network order, IPv4 in the first four bytes. */
struct tm_bpf_event {
	__u64 time; /* CLOCK_MONOTONIC in ns */
	__u32 ifindex;
	__u16 sport, dport; /* 0 where the header is cut off */
	__u8 src[16], dst[16];
	struct tm_outcome outcome;
};

TM_ASSERT(sizeof(struct tm_watch) == 16, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_bpf_telling) == 24, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_bpf_event) == 64, "shared with the BPF programs");

#endif
