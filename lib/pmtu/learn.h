/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Learning path MTUs from packet-too-big messages (PTBs) that pass: judges their bytes (lib/pmtu/ptb.h), watches the quoted flows until
 * the sender reacts (lib/pmtu/watch.h), tells the engine (lib/pmtu/pmtu.h) what is believed.
 *
 * Pure and deterministic: no clock, no sockets; memory is bounded by the options. Driven by the daemon's learner with what the
 * programs in the kernel see, and by tcpmss pmtu replay with what a capture has. Times are the engine's: milliseconds of a clock that
 * does not go back. One thread. Numbers in host order, addresses in network order.
 *
 * Input comes in the order in which it passed: a PTB before the sender's reaction to it.
 */
#ifndef TM_LEARN_H
#define TM_LEARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/flow.h"
#include "pmtu.h"
#include "refusal.h"

/*
 * Where something passed a hook. A PTB that came in through a device quotes what left through it, and the other way round: so the
 * sender's reaction is waited for at the same tag in the other direction, where a packet passes once.
 */
enum tm_way {
	TM_WAY_IN,
	TM_WAY_OUT,
	TM_WAY_UNKNOWN, /* captures: answers to any */
};

/* A PTB that passed. */
struct tm_ptb_seen {
	const void *bytes; /* from its IP header on */
	size_t len;
	uint32_t tag; /* of the path: the hook's ifindex, 0 where there is only one */
	enum tm_way way;
	bool window; /* conntrack knows the quoted flow: una and nxt are valid */
	uint32_t una, nxt; /* the highest acknowledgement seen from its receiver; the end of what its sender sent */
	uint32_t first_hop_mtu; /* of the device toward the quoted destination; 0: not known */
};

/* Why a PTB was believed: the sender re-sent what was quoted, in a packet that fits; how it is known that this was a re-send. */
#define TM_WHYS(X)                                                                                           \
	X(AT_ONCE, "at-once", "the first segment of the flow afterwards began where the quoted one did")     \
	X(AGAIN, "again", "the sender had been past it already")                                             \
	X(WINDOW, "window", "conntrack knows that it was in flight")

enum tm_why {
#define X(constant, name, text) TM_WHY_##constant,
	TM_WHYS(X)
#undef X
	TM_WHY_COUNT
};

/* "at-once", "again", "window" */
const char *tm_why_name(enum tm_why why);

/* What the last believed PTB of a path was, and why it was. */
struct tm_evidence {
	struct tm_path path;
	struct pk_flow flow; /* that was quoted */
	uint8_t reporter[16];
	uint64_t ptb_ms, believed_ms; /* when it passed, and when the sender's reaction did */
	uint32_t mtu; /* as it told, 0 too */
	uint32_t seq; /* quoted */
	uint16_t quoted_len, resent_len; /* IP lengths: of the quoted packet, of the one that was sent instead */
	bool df_clear; /* it was sent without DF, and need not fit */
	bool window; /* conntrack's window agreed */
	enum tm_why why;
};

/* What is told, at once. Callbacks may ask tm_learn_evidence() and the engine, and call nothing else of these. */
struct tm_learn_callbacks {
	/* A PTB was believed and the engine told; outcome is TM_PMTU_LOWERED or TM_PMTU_CONFIRMED. */
	void (*learned)(void *ctx, const struct tm_evidence *e, enum tm_pmtu_outcome outcome);
	/* A PTB was not believed. path and reporter are zero where its bytes did not tell. */
	void (*refused)(void *ctx, enum pk_refusal refusal, const struct tm_path *path, const uint8_t reporter[16],
			uint32_t mtu, uint64_t now_ms);
	void *ctx;
};

struct tm_learn_options {
	uint32_t watches; /* PTBs that wait for a reaction, at most */
	uint32_t evidence; /* paths whose evidence is kept, at most; a power of two */
	uint32_t watch_ms; /* how long they wait */
	uint32_t rate, burst; /* PTBs a second in all that are watched without conntrack's word; as many more with it */
	uint32_t reporter_rate, reporter_burst; /* likewise, of one reporter */
};

/* 2048, 4096, PK_WATCH_MS, 200 and 400, 50 and 100 */
extern const struct tm_learn_options tm_learn_default_options;

struct tm_learn_counts {
	uint64_t ptbs; /* all that came */
	uint64_t refused[PK_REFUSAL_COUNT]; /* by reason */
	uint64_t ignored; /* told nothing new: an MTU that is not below what is known, a copy of one that is watched */
	uint64_t lowered, confirmed; /* believed */
	uint64_t segments; /* packets of watched flows that were looked at */
	size_t watching; /* now */
	size_t bytes; /* all memory that it has, without the engine; it does not grow */
};

struct tm_learn;

/*
 * The engine stays the caller's and must outlive it. options NULL: the defaults. seed: 16 random bytes that nobody else knows, for the
 * hashes. NULL without memory. tm_learn_free() frees; NULL is fine.
 */
struct tm_learn *tm_learn_new(struct tm_pmtu *engine, const struct tm_learn_options *options, const uint8_t seed[16],
			      const struct tm_learn_callbacks *callbacks);
void tm_learn_free(struct tm_learn *l);

/* A PTB passed. True: its flow is watched now for tm_learn_options.watch_ms, tm_learn_segment() is wanted. */
bool tm_learn_ptb(struct tm_learn *l, const struct tm_ptb_seen *seen, uint64_t now_ms);

/* A segment (no SYN) passed, perhaps of a watched flow. */
void tm_learn_segment(struct tm_learn *l, const struct pk_segment *s, uint32_t tag, enum tm_way way, uint64_t now_ms);

/* Time passes: watches end as unconfirmed, entries age (at most `max` of them, 0: all that are due). Returns how many entries aged. */
size_t tm_learn_tick(struct tm_learn *l, uint64_t now_ms, size_t max);

/* When tm_learn_tick() is wanted next; 0: never, as things are. */
uint64_t tm_learn_next_ms(const struct tm_learn *l);

/* Why the value of a path was believed; NULL where it was not learned here, or is forgotten. Valid until the next call. */
const struct tm_evidence *tm_learn_evidence(const struct tm_learn *l, const struct tm_path *path);

void tm_learn_count(const struct tm_learn *l, struct tm_learn_counts *counts);

#endif
