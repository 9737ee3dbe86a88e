/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Learning path MTUs from the packets of a capture, as a gateway would have that saw them pass: the parser of the packet path, and
 * lib/pmtu/learn.h with an engine of its own. Times are the packets' own.
 */
#ifndef TM_PMTU_REPLAY_H
#define TM_PMTU_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "learn.h"

struct tm_replay_event {
	enum {
		TM_REPLAY_LEARNED, /* entry, evidence */
		TM_REPLAY_REFUSED, /* refusal, and where the PTB told: entry.path, reporter, mtu */
		TM_REPLAY_AGED, /* entry */
		TM_REPLAY_CLAMPED, /* a SYN would be: src, dst, mss_was, mss */
	} kind;
	uint64_t time_ms; /* from the first packet on */
	struct tm_pmtu_entry entry;
	const struct tm_evidence *evidence;
	enum pk_refusal refusal;
	uint8_t reporter[16];
	uint32_t mtu;
	uint8_t src[16], dst[16]; /* of entry.path's family */
	uint16_t mss_was, mss;
};

struct tm_replay;

/* NULL without memory. tm_replay_free() frees; NULL is fine. */
struct tm_replay *tm_replay_new(const struct tm_pmtu_options *options,
				void (*event)(void *ctx, const struct tm_replay_event *event), void *ctx);
void tm_replay_free(struct tm_replay *r);

/*
 * The next packet: LINKTYPE_* number, its bytes, when it was captured (ns since whenever; one before its predecessor counts as
 * simultaneous), and on which of the capture's interfaces. What has become due since the one before happens first.
 */
void tm_replay_packet(struct tm_replay *r, uint32_t linktype, const uint8_t *frame, uint32_t len, int64_t ns,
		      uint32_t interface);

/* No more packets: PTBs that still wait end unconfirmed. */
void tm_replay_end(struct tm_replay *r);

#endif
