/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is told to whoever watches: what became of single SYNs, and what happened to hooks. Plain data of a fixed size, so that it can
 * go from process to process.
 */
#ifndef TM_EVENT_H
#define TM_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "lib/clamp.h"
#include "lib/words.h"

enum tm_event_kind {
	TM_EVENT_SYN, /* a SYN, and what became of its MSS */
	TM_EVENT_ATTACHED, /* a hook clamps from now on */
	TM_EVENT_DETACHED, /* it clamps no longer */
	TM_EVENT_RELOAD, /* another configuration is in force; `text` tells */
	TM_EVENT_ERROR, /* `text` tells */
	TM_EVENT_LEFT_OUT, /* events that could not be told */
	TM_EVENT_LEARNED, /* a path is known to be narrower than it was */
	TM_EVENT_RAISED, /* it has aged: larger packets are tried */
	TM_EVENT_AGED, /* nothing is known of it any more */
	TM_EVENT_REFUSED, /* a packet-too-big message that was not believed */
	TM_EVENT_ARMED, /* a protect block answers SYNs from now on */
	TM_EVENT_FLOODED, /* what it was armed for goes on */
	TM_EVENT_CALMED, /* no longer, but it is armed still */
	TM_EVENT_DISARMED, /* SYNs pass again */
	TM_EVENT_DRAINED, /* cookies are no longer taken either */
	TM_EVENT_KINDS
};

#define TM_EVENT_TEXT 256

struct tm_event_syn {
	uint8_t family; /* enum pk_family */
	uint8_t direction; /* enum tm_direction */
	uint8_t reason; /* enum pk_reason */
	uint8_t source; /* enum pk_source of the limit */
	uint32_t also; /* 1 << reason */
	uint8_t src[16], dst[16]; /* network order, IPv4 in the first four bytes */
	uint16_t sport, dport;
	uint16_t from, to; /* MSS before and after, 0: none (struct tm_outcome) */
	uint16_t limit; /* MSS, 0: none */
	struct tm_prefix prefix; /* the one that the limit comes from; its MTU is 0 where that is not known */
};

/* Events that matched no filter are not among them: nobody looked at these. */
struct tm_event_left_out {
	uint64_t kernel; /* over what one CPU may tell, or with the ring full */
	uint64_t daemon; /* the watcher did not take them from the daemon in time */
	uint64_t rate; /* over the watcher's own rate */
};

/* Of a path, and what was told of it. MTUs in bytes, 0: none. */
struct tm_event_path {
	uint8_t family; /* enum pk_family */
	uint8_t nodf; /* 1: packets to there lose DF */
	uint8_t origin; /* enum tm_pmtu_origin; of those refused: PTB or PTB0 */
	uint8_t refusal; /* enum pk_refusal; of those refused */
	uint16_t from, to; /* MTU before and after; of those refused: known and told */
	uint8_t address[16],
		reporter[16]; /* network order, IPv4 in the first four bytes; reporter all zero: not known */
};

/* Of a protect block. */
struct tm_event_protect {
	uint64_t half_open; /* struct tm_protect_control */
	uint64_t high, low;
	uint64_t opened, answered, good, bad; /* a second; struct tm_protect_rates */
};

struct tm_event {
	uint64_t time; /* ns since 1970 */
	uint8_t kind; /* enum tm_event_kind */
	char hook[TM_HOOK_NAME]; /* or the name of the protect block; "" where it is about none */
	char device[TM_DEVICE_NAME]; /* of the hook, "" where it is not known */
	union {
		struct tm_event_syn syn;
		struct tm_event_left_out left_out;
		struct tm_event_path path;
		struct tm_event_protect protect;
		char text[TM_EVENT_TEXT]; /* of the other kinds, with a NUL; "" for nothing to add */
	};
};

/* The reasons that a SYN can have, 1 << reason; no other packet makes an event. */
#define TM_EVENT_REASONS                                                                                        \
	(1u << PK_CLAMPED | 1u << PK_RAISED | 1u << PK_ADDED | 1u << PK_WITHIN_LIMIT | 1u << PK_NO_MSS_OPTION | \
	 1u << PK_NO_LIMIT | 1u << PK_SIGNED | 1u << PK_MALFORMED_OPTIONS | 1u << PK_BAD_TCP_HEADER |           \
	 1u << PK_FRAGMENT | 1u << PK_BAD_IP_HEADER | 1u << PK_TRUNCATED | 1u << PK_UNWRITABLE |                \
	 1u << PK_CHECKSUM_PARTIAL)

/* A notice: any kind but the SYN, paths, protect blocks and what was left out. `hook` and `device` may be null; the text is cut where it is too long. */
void tm_event_notice(struct tm_event *e, enum tm_event_kind kind, uint64_t time, const char *hook, const char *device,
		     const char *text);

/* Whether it is about a path: learned, raised, aged, refused. */
static inline bool tm_event_of_path(const struct tm_event *e)
{
	return e->kind >= TM_EVENT_LEARNED && e->kind <= TM_EVENT_REFUSED;
}

/* Whether it is about a protect block: armed, flooded, calmed, disarmed, drained. */
static inline bool tm_event_of_protect(const struct tm_event *e)
{
	return e->kind >= TM_EVENT_ARMED && e->kind <= TM_EVENT_DRAINED;
}

/* "syn", "attached", "detached", "reload", "error", "left-out", "learned", "raised", "aged", "refused", "armed", …; "?" for another number. */
const char *tm_event_kind_name(enum tm_event_kind kind);

/*
 * Whether all fields of an event that came from another process are within their bounds and its texts end; what follows may rely on
 * that.
 */
bool tm_event_check(const struct tm_event *e);

#endif
