/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frames that are measured: Ethernet, IPv4 or IPv6, TCP, with right checksums.
 */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_MSS 1460 /* what the SYNs carry */
#define BENCH_PORT 443 /* where the frames go */

/* Option lists, in hexadecimal, of whole words. */
#define BENCH_LINUX "020405b4 0402080a 0102030405060708 01030307"
#define BENCH_WINDOWS "020405b4 01030308 01010402"
#define BENCH_TS "0101080a 0102030405060708" /* what data segments carry */

struct bench_frame {
	uint8_t bytes[160];
	uint32_t len;
	uint32_t ip_at, tcp_at; /* offsets */
	uint32_t mss_at; /* offset of the MSS option's value, 0: none */
};

/* family: 4 or 6; options: hexadecimal; payload: bytes behind the header. */
void bench_frame(struct bench_frame *f, int family, bool syn, const char *options, unsigned payload);

/* Sets the source address (network order; the first four bytes for IPv4), the checksum with it. */
void bench_frame_source(struct bench_frame *f, const uint8_t *address);

#endif
