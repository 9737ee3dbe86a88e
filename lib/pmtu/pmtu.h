/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of path MTUs: an entry for each destination whose path proved narrower than its first hop. RFC 1191 and 8201, with
 * the table and the ageing of the H3C feature.
 *
 * Pure: no clock, no sockets. Times are milliseconds of any clock that does not go back (CLOCK_BOOTTIME); deadlines pass only in
 * tm_pmtu_tick(). One thread. All sizes are IP lengths in bytes, header included; addresses are in network order.
 */
#ifndef TM_PMTU_H
#define TM_PMTU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/config/config.h"
#include "lib/error.h"

enum {
	TM_PMTU_FLOOR4 = 72, /* an MSS of 32: what IPv4 gets at least */
	TM_PMTU_FLOOR6 = 1280, /* RFC 8200, section 5 */
	TM_PMTU_MIN4 = 68, /* RFC 791: no IPv4 link is narrower */
	TM_PMTU_RAISE_MS = 120000, /* RFC 1191, section 6.3: from one raise to the next */
	TM_PMTU_AGING_MIN = 10, /* minutes */
	TM_PMTU_AGING_MAX = 30,
	TM_PMTU_TABLE_MAX = TM_TABLE_MAX, /* values in a table */
	TM_PMTU_ENTRIES_MAX = (1 << 24) - 2,
};

/* Towards `addr` (IPv4: its first four bytes, the rest zero) by the way `tag`: an ifindex, 0 where there is only one. */
struct tm_path {
	uint8_t addr[16];
	bool ipv6;
	uint32_t tag;
};

enum tm_pmtu_state { TM_PMTU_NONE, TM_PMTU_REDUCED, TM_PMTU_RAISING, TM_PMTU_STATIC };

enum tm_pmtu_origin {
	TM_PMTU_PTB,
	TM_PMTU_PTB0, /* a PTB of MTU 0 */
	TM_PMTU_PROBE,
	TM_PMTU_BLACK_HOLE,
	TM_PMTU_PEER,
	TM_PMTU_SET, /* static */
};

/* An entry as others see it. State none: there is none, and pmtu is the ceiling. */
struct tm_pmtu_entry {
	struct tm_path path;
	uint16_t pmtu;
	uint16_t mss; /* pmtu less the headers */
	uint16_t ceiling; /* where raising ends */
	bool nodf; /* forwarded packets larger than pmtu lose DF */
	enum tm_pmtu_state state;
	enum tm_pmtu_origin origin;
	uint8_t reporter[16]; /* who sent the last PTB, as path.addr; all zero: nobody is known */
	uint64_t deadline_ms; /* when it is tried larger; 0: never */
	int64_t last_ptb_ms; /* the last PTB that concerned it (static: when it was set); before 0 where a file said so; once raised,
				 to four seconds a step */
	uint16_t hits; /* PTBs that lowered it or restarted its timer; stays at 65535 */
};

/* RFC 1191's table 7-1 with 1280, as the seed has it. */
extern const uint16_t tm_pmtu_default_table[12];

struct tm_pmtu_options {
	uint32_t aging_s; /* from a PTB until the first raise; 0: entries do not age */
	enum tm_old_router old_router;
	enum tm_raise raise;
	bool symmetric; /* for tm_pmtu_syn() only */
	const uint16_t *table; /* rising, copied; NULL: the default table */
	size_t table_length;
};

/* Ten minutes, seed, plateau, the default table. */
extern const struct tm_pmtu_options tm_pmtu_default_options;

/* What a believed PTB says. */
struct tm_pmtu_message {
	uint32_t mtu; /* 0: a router from before RFC 1191, which the next two are for */
	uint16_t quoted_len; /* total length of the quoted packet */
	uint8_t quoted_ihl; /* its header, in words of 4 bytes */
	uint16_t ceiling; /* of the path, from tm_pmtu_ceiling(); 0: that of the entry, or 65535 without one */
	const uint8_t *reporter; /* 4 or 16 bytes as the path's family is; NULL: not known */
};

/* What became of it: name for counters and people, and whether it counts as refused. */
#define TM_PMTU_OUTCOMES(X)                                                                                        \
	X(LOWERED, "lowered", false) /* there is a smaller pmtu now, or nodf */                                    \
	X(CONFIRMED, "confirmed", false) /* the same pmtu: its timer starts anew */                                \
	X(IGNORED, "ignored", false) /* larger; the same where there is no entry; MTU 0 where old-router is off */ \
	X(BELOW_MINIMUM, "below-minimum", true) /* IPv4 1 to 67, IPv6 below 1280 */                                \
	X(IS_STATIC, "static", true)                                                                               \
	X(DISABLED, "disabled", true)                                                                              \
	X(FULL, "full", true) /* no room and nothing that may go, or no memory */

enum tm_pmtu_outcome {
#define X(symbol, name, refused) TM_PMTU_##symbol,
	TM_PMTU_OUTCOMES(X)
#undef X
		TM_PMTU_OUTCOME_COUNT
};

const char *tm_pmtu_outcome_name(enum tm_pmtu_outcome outcome);
bool tm_pmtu_refused(enum tm_pmtu_outcome outcome);

/* "none", "reduced", "raising", "static" */
const char *tm_pmtu_state_name(enum tm_pmtu_state state);

/* "ptb", "ptb0", "probe", "black-hole", "peer", "static" */
const char *tm_pmtu_origin_name(enum tm_pmtu_origin origin);

/* Bytes of IP and TCP header without options: 40 or 60. */
uint16_t tm_pmtu_headers(bool ipv6);

/* 72 or 1280 */
uint16_t tm_pmtu_floor(bool ipv6);

/* The largest PMTU that makes sense: by the first hop's MTU, the negotiated MSS (0: not known), at most 65535, at least the floor. */
uint16_t tm_pmtu_ceiling(bool ipv6, uint32_t first_hop_mtu, uint32_t mss);

/* How an entry changed. */
enum tm_pmtu_change {
	TM_PMTU_NEW_VALUE, /* lowered, or made static */
	TM_PMTU_RESTARTED, /* only times and the reporter, or the ceiling */
	TM_PMTU_RAISED, /* aged: larger now, without nodf */
	TM_PMTU_AGED_OUT, /* gone: raised to its ceiling */
	TM_PMTU_DELETED, /* gone: told to, by _delete, _flush, _drop_tag, _set_ceiling */
	TM_PMTU_EVICTED, /* gone: to make room */
};

/* Told each change at once, with the entry after it (gone: state none, pmtu the ceiling, reporter as it was). Must not call back. */
typedef void tm_pmtu_changed(void *ctx, const struct tm_pmtu_entry *entry, enum tm_pmtu_change change);

struct tm_pmtu;

/*
 * An empty engine for at most max_entries (1 to TM_PMTU_ENTRIES_MAX), enabled. Its index is as large as it will ever be, the entries
 * get memory as they come: it never stops to grow. `seed` is 16 random bytes that nobody else knows: they key the hash.
 * NULL without memory. options are checked by tm_pmtu_options_check(). tm_pmtu_free() frees; NULL is fine.
 */
struct tm_pmtu *tm_pmtu_new(size_t max_entries, const uint8_t seed[16], const struct tm_pmtu_options *options);
void tm_pmtu_free(struct tm_pmtu *p);

/* Who is told of changes; NULL: nobody. */
void tm_pmtu_on_change(struct tm_pmtu *p, tm_pmtu_changed *changed, void *ctx);

/* 0, or -EINVAL with *e filled: aging other than 0 or 10 to 30 minutes, a table that does not rise or has values below 68. */
int tm_pmtu_options_check(const struct tm_pmtu_options *options, struct tm_error *e);

/* Other options (checked). Deadlines are computed anew: last PTB + aging; a raise stays 120 s after the one before. O(1). */
void tm_pmtu_set_options(struct tm_pmtu *p, const struct tm_pmtu_options *options);
const struct tm_pmtu_options *tm_pmtu_get_options(const struct tm_pmtu *p);

/*
 * A believed PTB. When there is no room, the entry nearest to its deadline goes (without ageing: the one whose last PTB is longest
 * ago); static ones stay.
 */
enum tm_pmtu_outcome tm_pmtu_ptb(struct tm_pmtu *p, const struct tm_path *path, const struct tm_pmtu_message *m,
				 uint64_t now_ms);

/* What tm_pmtu_ptb() would do, without doing it (and without a look at whether there is room): *pmtu and *nodf after it. */
enum tm_pmtu_outcome tm_pmtu_choose(const struct tm_pmtu *p, const struct tm_path *path,
				    const struct tm_pmtu_message *m, uint16_t *pmtu, bool *nodf);

/* The entry of a path. False, and *entry untouched, without one. entry NULL: only whether. */
bool tm_pmtu_find(const struct tm_pmtu *p, const struct tm_path *path, struct tm_pmtu_entry *entry);

/*
 * What the clamp writes into a SYN that carries `mss` (0: no option, stays 0): at most what the paths towards its source and, if the
 * options say symmetric, its destination allow. toward_*: PMTUs, 0: not known. No engine is needed for it.
 */
uint16_t tm_pmtu_syn(const struct tm_pmtu_options *options, bool ipv6, uint16_t mss, uint16_t toward_source,
		     uint16_t toward_destination);

/*
 * Time passes to now_ms: of the entries that are due, at most `max` (0: all) take one step; one that is due takes one step however
 * late it is. Returns how many did. Costs by that number, not by how many entries there are.
 */
size_t tm_pmtu_tick(struct tm_pmtu *p, uint64_t now_ms, size_t max);

/* When the next entry is due (never less than 1); 0: none will be. */
uint64_t tm_pmtu_next_ms(const struct tm_pmtu *p);

/* A path whose MTU is known and does not change: LOWERED, BELOW_MINIMUM (as for a PTB; above 65535 too) or FULL. Works when disabled. */
enum tm_pmtu_outcome tm_pmtu_set_static(struct tm_pmtu *p, const struct tm_path *path, uint32_t mtu, uint64_t now_ms);

/* Another ceiling for a path that has an entry: the entry goes where that leaves nothing to know. False without one. Not for static ones. */
bool tm_pmtu_set_ceiling(struct tm_pmtu *p, const struct tm_path *path, uint16_t ceiling);

/* Forgets one entry, static or not. False where there is none. */
bool tm_pmtu_delete(struct tm_pmtu *p, const struct tm_path *path);

/* Forget all, or all of a tag whose device or route changed; static ones stay unless told. How many went. O(entries). */
size_t tm_pmtu_flush(struct tm_pmtu *p, bool static_too);
size_t tm_pmtu_drop_tag(struct tm_pmtu *p, uint32_t tag, bool static_too);

/*
 * Disabled: timers stop, entries keep their values, PTBs are refused. Enabled again: each timer goes on with what it had left. O(1) and
 * O(entries).
 */
void tm_pmtu_disable(struct tm_pmtu *p, uint64_t now_ms);
void tm_pmtu_enable(struct tm_pmtu *p, uint64_t now_ms);
bool tm_pmtu_enabled(const struct tm_pmtu *p);

struct tm_pmtu_counts {
	uint64_t outcomes[TM_PMTU_OUTCOME_COUNT]; /* of tm_pmtu_ptb() */
	uint64_t raised, aged_out, evicted;
	size_t entries, by_state[4]; /* now */
	size_t bytes; /* all memory that it has now */
};
void tm_pmtu_count(const struct tm_pmtu *p, struct tm_pmtu_counts *counts);

/*
 * The next (at most) n entries in no order, for a look at all in pieces: *cursor is 0 at first and not yours in between. Returns how
 * many; less than n: that was all. What comes or goes in between may be missing or told twice, the rest is told once.
 */
size_t tm_pmtu_walk(const struct tm_pmtu *p, uint32_t *cursor, struct tm_pmtu_entry *entries, size_t n);

#endif
