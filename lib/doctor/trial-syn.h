/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A SYN made to be clamped: its bytes, and what the rules should make of them.
 *
 * Nobody answers it. Its addresses are those of documentation (RFC 5737, RFC 3849), its hop limit is 1, and its
 * destination on an Ethernet is an address that no card has. Where there is no link layer the source is the unspecified
 * address, to which nobody may send an ICMP error (RFC 1122, 3.2.2; RFC 4443, 2.4).
 */
#ifndef TM_TRIAL_SYN_H
#define TM_TRIAL_SYN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/clamp.h"

#define TM_TRIAL_ROOM 128 /* bytes of the largest frame, and more */
#define TM_TRIAL_MSS 65495 /* no limit is larger */

struct tm_trial {
	enum pk_link link; /* PK_LINK_ETHERNET or PK_LINK_RAW */
	enum pk_family family;
	uint32_t sequence; /* tells one trial from another */
	uint8_t source[6]; /* Ethernet */
	bool partial; /* the checksum is left to the device */
};

struct tm_frame {
	uint8_t bytes[TM_TRIAL_ROOM];
	uint32_t len;
};

/* Offset of the IP header in bytes. */
uint32_t tm_trial_l3(const struct tm_trial *t);

/* Offset of the TCP header in bytes. */
uint32_t tm_trial_l4(const struct tm_trial *t);

void tm_trial_build(const struct tm_trial *t, struct tm_frame *frame);

/* The addresses of a trial's ends, as in the frame: 4 or 16 bytes. */
void tm_trial_addresses(const struct tm_trial *t, uint8_t source[16], uint8_t destination[16]);

/*
 * What the rules make of a frame on a machine with these MTUs (bytes, 0: not known). The MSS it has then, 0 where it is
 * no SYN any more.
 */
uint16_t tm_trial_expect(const struct tm_trial *t, const struct tm_rules *rules, uint32_t device_mtu,
			 uint32_t route_mtu, struct tm_frame *frame);

/* The first MSS of a frame's options, 0 for none. */
uint16_t tm_trial_mss(const struct tm_trial *t, const struct tm_frame *frame);

#endif
