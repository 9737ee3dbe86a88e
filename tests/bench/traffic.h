/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Shared by traffic.bpf.c and traffic.c.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <linux/types.h>

/* Bytes of the frames of both families, SYN or not. */
#define TRAFFIC_LEN4 74
#define TRAFFIC_LEN6 94

/* The last 16 bits of the source's addresses: none of the gateway's own. */
#define TRAFFIC_HOST 4096
#define TRAFFIC_HOSTS 16384

struct traffic_template {
	__u8 bytes[TRAFFIC_LEN6];
	__u32 tcp_sum, ip_sum; /* of the checksums, without what changes; not complemented */
};

/* What has arrived. */
struct traffic_sunk {
	__u64 packets, syns;
	__u64 expected[2]; /* SYNs whose MSS is the one of traffic_expected */
	__u32 mss; /* of the last SYN */
};

/* What came back for it. */
struct traffic_answers {
	__u64 syn_acks, resets, others;
};

#endif
