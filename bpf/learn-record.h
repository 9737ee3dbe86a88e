/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the programs and those who learn path MTUs share: the records of the ring `learn`, flows that are watched, and the state
 * that all hooks of a network namespace have in common. All sizes are fixed; a reader checks them.
 */
#ifndef TM_BPF_LEARN_RECORD_H
#define TM_BPF_LEARN_RECORD_H

#include "core/flow.h"
#include "bpf/event.h"

#define TM_LEARN_BYTES (1024 * 1024) /* of the ring: over 650 packet-too-big messages, or 10 000 packets */
#define TM_LEARN_FRAME 1500 /* bytes of a message that are handed on, from its IP header */
#define TM_WATCHED_FLOWS 16384

/*
 * What one CPU does in one window at most; the rest is counted. Of messages only those may fill all of it whose flow conntrack knows: who
 * guesses flows cannot keep the others from being seen, and conntrack is asked so often only.
 */
#define TM_LEARN_WINDOW_NS 100000000ull
#define TM_LEARN_PTBS 100
#define TM_LEARN_UNKNOWN 50 /* of flows that conntrack does not know, or where it does not run */
#define TM_LEARN_REFUSED 25 /* that quote nothing that could be believed: they are only counted by their reason */
#define TM_LEARN_ASKED 1000
#define TM_LEARN_SEGMENTS 1000

#define TM_LEARN_FIRST 8 /* segments of a flow after a message that are handed on whatever they are */

enum tm_bpf_learn_kind { TM_BPF_LEARN_PTB = 1, TM_BPF_LEARN_SEGMENT };

/* The key of the map `watched`: a flow is watched where the message passed that quotes it. */
struct tm_watched_flow {
	struct pk_flow flow;
	__u32 tag; /* index of the hook's device, of a wire's `in` */
};

/* Its value. Of a flow's many segments those are handed on that reach into what was quoted: its sender may re-send that. */
struct tm_watched {
	__u64 until; /* CLOCK_MONOTONIC in ns */
	__u32 first, last; /* sequence numbers that were quoted while it was watched: the lowest and the highest */
	__u32 told; /* segments since the last message */
	__u32 mtu; /* as that tells it */
};

/* What conntrack knows of the quoted flow. */
struct tm_bpf_window {
	__u32 una; /* the highest number that its receiver has acknowledged */
	__u32 nxt; /* behind the highest that its sender has sent */
	__u8 known; /* both are valid */
	__u8 reply; /* the quoted flow is the reply direction of the connection */
	__u8 state; /* of the connection: enum tcp_conntrack */
	__u8 pad;
	__s32 error; /* where they are not: -ENOENT: conntrack does not know the flow; 0: this kernel tells nothing of it */
};

/* How every record begins. */
struct tm_bpf_learn {
	__u32 kind; /* enum tm_bpf_learn_kind */
	__u32 tag; /* index of the hook's device, of a wire's `in` */
	__u64 time; /* CLOCK_BOOTTIME in ns */
	__u32 direction; /* enum tm_direction */
	__u32 pad;
};

/* A packet-too-big message that quotes TCP. */
struct tm_bpf_ptb {
	struct tm_bpf_learn head;
	struct tm_bpf_window window;
	__u32 length; /* bytes from its IP header to the end of the frame */
	__u32 captured; /* how many of them are in `bytes` */
	__u8 bytes[TM_LEARN_FRAME];
	__u32 pad;
};

/* A segment of a flow that is watched. */
struct tm_bpf_segment {
	struct tm_bpf_learn head;
	struct pk_segment segment;
	__u32 pad;
};

/*
 * One for each network namespace, pinned as `learn-state`. The first two words are all that a packet that is no SYN pays for: they are
 * 0 while no flow is watched and no destination is nodf.
 */
struct tm_learn_state {
	__u32 watching; /* a flow is, or was: the programs find out when all of it is over */
	__u32 nodf; /* the table has destinations whose packets get no DF; written by who writes the table */
	__u64 until; /* of the last watch, CLOCK_MONOTONIC in ns */
	__u64 pad[6];
};

/* Each CPU's own, pinned as `learning`. What is not of the window only grows. */
struct tm_bpf_learning {
	__u64 window; /* when it began: CLOCK_MONOTONIC in ns */
	__u32 ptbs_now, segments_now; /* handed on in it */
	__u64 ptbs, segments; /* handed on */
	__u64 ptbs_left_out, segments_left_out; /* over the number, or with the ring full */
	__u64 df_cleared; /* packets */
	__u32 asked_now; /* conntrack, in the window */
	__u32 pad;
};

TM_ASSERT(sizeof(struct tm_watched_flow) == 44, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_watched) == 24, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_bpf_window) == 16, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_bpf_learn) == 24, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_bpf_ptb) == 1552, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_bpf_segment) == 80, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_learn_state) == 64, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_bpf_learning) == 64, "shared with the BPF programs");

#endif
