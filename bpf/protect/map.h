/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the programs of `protect` and user space share. There is one set of these maps in a network namespace, for all blocks and all
 * devices, pinned (io/protect/maps.h) under the names in brackets.
 *
 * The client-side program (protect_tc, protect_xdp) sees what clients send to the servers, the server-side one (protect_server) what
 * comes back, and what SYNPROXY sends to the servers. A flow is always the client's: struct pk_flow with src = client, dst = server.
 *
 * Keys have no padding, unused bytes are zero. Addresses are in network order, IPv4 in the first four bytes; ports in host order.
 */
#ifndef TM_BPF_PROTECT_MAP_H
#define TM_BPF_PROTECT_MAP_H

#include "core/flow.h"
#include "core/protect-reason.h"
#include "core/reason.h"
#include "core/sample.h"
#include "core/service.h"
#include "bpf/event.h"

#define TM_PROTECT_BLOCKS 64
#define TM_PROTECT_DEVICES 64 /* that clients are behind */
#define TM_PROTECT_SERVERS 16384
#define TM_PROTECT_HALF_OPEN 65536
#define TM_PROTECT_ANSWERS 65536

/* Constants of a loaded program. */
struct tm_protect_config {
	__u32 link; /* enum pk_link of the device */
	__u32 device; /* client side: its place in tm_protect_state.devices */
	__u32 services_words; /* room for one image in the map of services */
	__u32 learned_lines; /* client side: of the table of learned paths (core/learned.h), 0: there is none */
	__u32 tag; /* client side: whose learned paths: index of the device */
	__u8 fib_mark; /* this kernel's route lookup takes a mark */
	__u8 pad[3];
};

/*
 * [services] One value of TM_SERVICES_SIZE(services_words) bytes, mapped writable. Two images (core/service.h); readers take the one
 * `active` names, so that one store switches all services of all blocks at once.
 */
struct tm_services_map {
	__u32 active; /* 0 or 1 */
	__u32 generation; /* not 0; changed behind `active`: who reads it before that never holds something old for new */
	__u32 pad[14];
	__u32 images[]; /* services_words, twice */
};

#define TM_SERVICES_SIZE(words) (sizeof(struct tm_services_map) + 2 * sizeof(__u32) * (words))

enum tm_protect_arm {
	TM_PROTECT_IDLE, /* SYNs pass */
	TM_PROTECT_DRAINING, /* SYNs pass, cookies in flight are still good, and what belongs to no connection is still dropped */
	TM_PROTECT_ARMED, /* SYNs are answered */
};

/* Who answers SYNs while a block is armed. What is not its own, a program treats as if the block were idle. */
enum tm_protect_accelerator { TM_ACCELERATOR_NONE /* SYNPROXY itself */, TM_ACCELERATOR_TC, TM_ACCELERATOR_XDP };

#define TM_WSCALE_NONE 0xff

/* SYNs of one block that pass in one second while it is armed, because no cookie can answer them. */
#define TM_PROTECT_WINDOW_NS 1000000000ull
#define TM_PROTECT_UNKNOWN 16 /* to servers of which not all is known: their answers tell it */
#define TM_PROTECT_PASSED 1000 /* small MSS, signed, in fragments */

struct tm_protect_block {
	/* Written by user space. `arm` last, behind tm_protect_state.guarding: a change takes hold with that store. */
	__u32 arm; /* enum tm_protect_arm */
	__u32 accelerator; /* enum tm_protect_accelerator */
	__u16 mss[PK_FAMILY_COUNT]; /* by enum pk_family: what is announced at most, 0: no limit of the block's own */
	__u8 wscale; /* is announced whatever was learned; TM_WSCALE_NONE: as learned */
	__u8 pad;
	/* Written by the client-side program: the budget of this second. Races lose a packet or two. */
	__u64 window; /* when it began: CLOCK_MONOTONIC in ns */
	__u32 unknown, passed;
	__u64 name; /* user space's: a hash of the block's name; 0: a free place */
	__u64 spare[2];
};

/* A device that clients are behind. Written by user space. */
struct tm_protect_device {
	__u32 mtu; /* toward clients, of what an untagged frame carries: the device's; 0: no limit */
	__u32 ask_routes; /* some routes through it have an MTU of their own: the kernel is asked for each SYN */
	/* What user space has put on it (io/protect/attach.h). */
	__u32 ifindex; /* 0: a free place */
	__u32 attached;
	__u32 xdp; /* id of the program, where it runs under libxdp's dispatcher */
	__u32 pad[3];
};

/*
 * [state] One value, mapped writable; a map of its own whose words the programs reach in one instruction (section .data.protect).
 *
 * Sampled are the flows with pk_sample_hash() & sample_mask == 0: all counters PK_PROTECT_SAMPLED_* are to be multiplied by
 * sample_mask + 1. The seed is random, so that nobody outside can choose flows that are not seen.
 */
struct tm_protect_state {
	__u32 guarding; /* some block is armed or draining; 0: what is no SYN pays for the sample only */
	__u32 sample_mask; /* TM_PROTECT_SAMPLE; 0: all flows */
	__u64 seed;
	__u32 loose; /* user space's note: nf_conntrack_tcp_loose as it was before a block was armed, plus 1; 0: it is as it was */
	__u32 pad[11];
	struct tm_protect_device devices[TM_PROTECT_DEVICES];
	struct tm_protect_block blocks[TM_PROTECT_BLOCKS];
};

#define TM_PROTECT_SAMPLE 15

/* [counters] Packets, per CPU, one value for each block. They only grow. */
struct tm_protect_counters {
	__u64 packets[PK_FAMILY_COUNT][PK_PROTECT_REASON_COUNT];
};

/* [servers] What is known of a server, an LRU hash. Only the server-side program makes entries: a flood of SYNs cannot. */
struct tm_protect_server_key {
	__u8 addr[16];
	__u16 port;
	__u8 family; /* enum pk_family */
	__u8 pad;
};

/*
 * Options are learned from SYN-ACKs, which answer only what their SYN has offered: what is there is learned, what is missing is unlearned
 * only where the SYN had it, and what no SYN ever had is not known. Fields are written one by one in place.
 */
enum tm_server_offers { TM_SERVER_SACK = 1, TM_SERVER_TIMESTAMPS = 2, TM_SERVER_ECN = 4, TM_SERVER_WSCALE = 8 };

struct tm_protect_server {
	__u64 seen; /* last SYN-ACK, CLOCK_MONOTONIC in ns */
	__u64 asked; /* written by the client-side program: when it asked for the route, likewise */
	__u64 noted; /* the server-side program's: when it last took note of a SYN, whose SYN-ACK then tells all */
	__u16 mss; /* 0: SYN-ACKs without the option */
	__u8 wscale; /* TM_WSCALE_NONE: no such option, or not known */
	__u8 offers; /* enum tm_server_offers, but for TM_SERVER_WSCALE */
	__u16 route_mtu; /* written by the client-side program, 0: not known */
	__u8 known; /* enum tm_server_offers: what some SYN had that the server has answered */
	__u8 block; /* written by the client-side program: of this service, ... */
	__u32 generation; /* ... while tm_services_map has this one; 0: not known */
	__u32 lacked; /* the server-side program's: when an answer last lacked what its SYN had, CLOCK_MONOTONIC in s */
};

/*
 * [half_open] Sampled flows whose SYN has passed, an LRU hash by struct pk_flow. The client-side program makes them (sampled-opened); the
 * server-side one notes the SYN-ACK (`answered`, `expected`), and takes them away at a RST of the server (sampled-reset); the client-side
 * one takes them away when the client acknowledges just that number (sampled-completed), so that nobody completes what he cannot see.
 * Where SYNPROXY answers by itself, the server-side one takes them away when SYNPROXY's own SYN goes to the server (likewise).
 */
struct tm_half_open {
	__u64 since; /* first SYN, CLOCK_MONOTONIC in ns */
	__u32 expected; /* sequence number of the SYN-ACK, plus one */
	__u8 block;
	__u8 answered; /* `expected` is valid */
	__u8 pad[2];
};

/*
 * [answers] Handshakes with servers, an LRU hash by struct pk_flow; the server side's alone. It notes a SYN on its way to a server, not
 * each of them, and while a block is armed or draining every one of SYNPROXY's; then the SYN-ACK that it gets; until the first ACK.
 */
struct tm_protect_answer {
	__u32 syn; /* sequence number of the SYN, plus one */
	__u32 expected; /* that of the SYN-ACK, plus one */
	__u32 tsval; /* of the SYN-ACK */
	__u16 mss; /* of the SYN, 0: without the option */
	__u8 offered; /* by the SYN: enum tm_server_offers */
	__u8 answered; /* `expected` and `tsval` are valid */
	__u8 block;
	__u8 pad[3];
};

TM_ASSERT(sizeof(struct tm_protect_config) == 24, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_services_map) == 64, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_protect_block) == 56, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_protect_state) == 64 + TM_PROTECT_DEVICES * 32 + TM_PROTECT_BLOCKS * 56, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_protect_server_key) == 20, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_protect_server) == 40, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_half_open) == 16, "shared with the BPF programs");
TM_ASSERT(sizeof(struct tm_protect_answer) == 20, "shared with the BPF programs");

#endif
