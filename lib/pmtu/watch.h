/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether the sender believes a PTB, seen from outside: the flow that it quotes is watched for a few seconds, and the PTB is believed
 * when its sender re-sends what was quoted, in a packet that fits. The sender's own stack has then checked what RFC 5927 asks for:
 * that it had really sent such a thing.
 *
 * Against somebody who sees nothing of the flow and has to guess: a segment that merely passes over the quoted sequence number for
 * the first time is no re-send, and proves nothing. One is, where conntrack says that the number was in flight, or the sender was
 * past it already, or it is the very first that comes after the PTB and begins at exactly that number, one in 2^32.
 *
 * Bounded: a pool of claims, hashed by flow.
 */
#ifndef TM_PMTU_WATCH_H
#define TM_PMTU_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/flow.h"
#include "learn.h"

/* PTBs that wait for the reaction of one flow, where they passed. Linux' routers tell of six packets in a row and then of one a second. */
#define TM_CLAIMS_PER_FLOW 8

/* A PTB that waits. */
struct tm_claim {
	struct pk_flow flow;
	uint32_t tag;
	enum tm_way way; /* of the PTB */
	uint8_t reporter[16];
	uint32_t seq, mtu;
	uint16_t quoted_len;
	uint8_t quoted_header; /* bytes */
	uint32_t payload; /* at least so many bytes from seq on were sent, if it is true */
	uint32_t fits; /* IP length of a reaction, at most */
	uint32_t known; /* the path's PMTU when it came, 65536: none */
	uint16_t ceiling; /* for the engine */
	bool window; /* conntrack says that seq was in flight */
	uint64_t since_ms;

	/* of the watch: */
	uint8_t seen; /* segments, stays at 255 */
	bool started; /* one of them had payload */
	bool past; /* the sender has been past what was quoted */
};

/* What a segment means for a claim. */
enum tm_judgement {
	TM_CLAIM_WAITS,
	TM_CLAIM_BELIEVED,
	TM_CLAIM_REFUSED,
	TM_CLAIM_SETTLED, /* another claim of the flow was believed that makes it needless */
};

struct tm_verdict {
	enum tm_judgement judgement;
	enum pk_refusal refusal; /* TM_CLAIM_REFUSED: future, outside-window, unconfirmed */
	enum tm_why why; /* TM_CLAIM_BELIEVED: and the next two */
	uint16_t resent_len;
	bool df_clear; /* larger than fits, and sent without DF */
};

/* Judges the next segment of the claim's flow (flow, tag and way are not looked at), and keeps in the claim what is to be kept. */
struct tm_verdict tm_claim_judge(struct tm_claim *c, const struct pk_segment *s);

/* Told once for each claim, when it ends. Must not call back. */
typedef void tm_claim_ended(void *ctx, const struct tm_claim *c, const struct tm_verdict *v, uint64_t now_ms);

struct tm_pmtu_watch;

/* Room for n claims that wait ms each. seed: 16 random bytes. NULL without memory. */
struct tm_pmtu_watch *tm_pmtu_watch_new(size_t n, uint32_t ms, const uint8_t seed[16], tm_claim_ended *ended,
					void *ctx);
void tm_pmtu_watch_free(struct tm_pmtu_watch *w);

/* Whether this very claim waits already (a copy of its PTB); conntrack's word is then kept for it. */
bool tm_pmtu_watch_has(struct tm_pmtu_watch *w, const struct tm_claim *c);

/* False: there is no room, in all or for one more of this flow. Times do not go back. */
bool tm_pmtu_watch_add(struct tm_pmtu_watch *w, const struct tm_claim *c);

/* A segment passed. Returns how many claims it was looked at for. */
size_t tm_pmtu_watch_segment(struct tm_pmtu_watch *w, const struct pk_segment *s, uint32_t tag, enum tm_way way,
			     uint64_t now_ms);

/* Ends the claims whose time is over: unconfirmed. Costs by their number. */
void tm_pmtu_watch_tick(struct tm_pmtu_watch *w, uint64_t now_ms);

/* When the next one's time is over; 0: none waits. */
uint64_t tm_pmtu_watch_next_ms(const struct tm_pmtu_watch *w);

size_t tm_pmtu_watch_count(const struct tm_pmtu_watch *w);
size_t tm_pmtu_watch_bytes(const struct tm_pmtu_watch *w);

#endif
