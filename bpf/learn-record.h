/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the programs and those who learn path MTUs share: the records of the ring `learn`, flows that are watched, and the state
 * that all hooks of a network namespace have in common. All sizes are fixed; a reader checks them.
 */
#ifndef TM_BPF_LEARN_RECORD_H
#define TM_BPF_LEARN_RECORD_H

#include "bpf/event.h"

#define TM_LEARN_BYTES (1024 * 1024) /* of the ring: some 650 packet-too-big messages, or 8000 packets */
#define TM_LEARN_FRAME 1500 /* bytes of a message that are handed on, from its IP header */
#define TM_WATCHED_FLOWS 16384

/* What one CPU hands on in one window at most; the rest is counted. */
#define TM_LEARN_WINDOW_NS 100000000ull
#define TM_LEARN_PTBS	 100
#define TM_LEARN_PACKETS 1000

/* How long the packets of a flow are looked at after a message that quotes it: its sender may wait for its timer (RFC 6298). */
#define TM_WATCH_NS 4000000000ull

enum tm_learn_kind { TM_LEARN_PTB = 1, TM_LEARN_PACKET = 2 };

/* One way of a connection. Ports in host order; addresses in network order, IPv4 in the first four bytes, the others zero. */
struct tm_flow {
	__u8 src[16], dst[16];
	__u16 sport, dport;
	__u32 tag; /* index of the hook's device: a flow is watched where its message passed */
	__u32 family; /* enum pk_family */
};

/* A flow that is watched, the value of the map `watched`. */
struct tm_watched {
	__u64 until; /* CLOCK_BOOTTIME in ns */
	__u32 seq; /* of the quoted segment */
	__u32 mtu; /* as the message says it */
};

/* What conntrack knows of the quoted flow. */
struct tm_learn_window {
	__u32 una; /* the highest number that its receiver has acknowledged */
	__u32 nxt; /* behind the highest that its sender has sent */
	__u8 known; /* 0: conntrack does not run, or does not know the flow: see `error` */
	__u8 reply; /* the quoted flow is the reply direction of the connection */
	__u8 state; /* of the connection: enum tcp_conntrack */
	__u8 pad;
	__s32 error; /* of the lookup: -ENOENT where conntrack runs and does not know the flow; 0: no lookup in this kernel */
};

/* How every record begins. */
struct tm_learn_head {
	__u32 kind; /* enum tm_learn_kind */
	__u32 tag; /* index of the device of the hook, of a wire's `in` */
	__u64 time; /* CLOCK_BOOTTIME in ns */
	__u8 direction; /* enum tm_direction */
	__u8 family; /* enum pk_family, of the outer header */
	__u8 pad[6];
};

/* A packet-too-big message that quotes TCP. */
struct tm_learn_ptb {
	struct tm_learn_head head;
	struct tm_learn_window window;
	__u32 length; /* bytes of the message from its IP header to the end of the frame, with what was cut off */
	__u32 captured; /* bytes of them in `frame` */
	__u8 frame[TM_LEARN_FRAME];
};

/* A packet of a flow that is watched. */
struct tm_learn_packet {
	struct tm_learn_head head;
	struct tm_flow flow;
	__u32 seq, ack;
	__u32 payload; /* bytes, of all segments that it will be cut into */
	__u32 segment; /* bytes of one of them as IP counts them, header included */
	__u8 flags; /* of TCP */
	__u8 df; /* IPv4: DF is set; IPv6: 1 */
	__u8 pad[6];
};

/*
 * One for each network namespace, pinned as `learn-state`. The first word is all that a packet that is no SYN pays for: it is 0
 * while no flow is watched and no destination is nodf.
 */
struct tm_learn_state {
	__u32 watching; /* a flow is, or was: the programs find out when all of it is over */
	__u32 nodf; /* the table has destinations whose packets get no DF */
	__u64 until; /* of the last watch, CLOCK_BOOTTIME in ns */
	__u64 pad[6];
};

/* Each CPU's own, pinned as `learning`. All but the window only grow. */
struct tm_learning {
	__u64 window; /* when it began: CLOCK_BOOTTIME in ns */
	__u64 ptbs, packets; /* handed on in it */
	__u64 ptbs_told, packets_told; /* ever */
	__u64 ptbs_left_out, packets_left_out; /* ever: over the number, or with the ring full */
	__u64 no_df; /* packets that lost their DF */
};

TM_ASSERT(sizeof(struct tm_flow) == 44, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_watched) == 16, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_learn_window) == 16, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_learn_head) == 24, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_learn_ptb) == 1552, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_learn_packet) == 96, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_learn_state) == 64, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_learning) == 64, "shared with the BPF programs");

#endif
