/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of an engine as bytes, for a file that outlives the process: a head, a record of 64 bytes an entry, a tail with their
 * number; each has a version or a kind and a checksum. Little-endian. Times are kept as ages.
 */
#ifndef TM_PMTU_STATE_H
#define TM_PMTU_STATE_H

#include "pmtu.h"

enum { TM_PMTU_RECORD = 64 }; /* bytes of each of the three */

/* wall_ms: the time of day in milliseconds, for the one who loads it to know how long ago that was. */
void tm_pmtu_save_head(uint8_t out[TM_PMTU_RECORD], uint64_t wall_ms);

/*
 * Records of the next (at most) n entries: *cursor as tm_pmtu_walk() has it, *done: that was all. Returns how many. Static entries are
 * left out unless told. Ages are as of now_ms.
 */
size_t tm_pmtu_save(const struct tm_pmtu *p, uint32_t *cursor, bool static_too, uint64_t now_ms, uint8_t *out, size_t n,
		    bool *done);

void tm_pmtu_save_tail(uint8_t out[TM_PMTU_RECORD], uint64_t records);

/* When a file was written. 0, or -EINVAL with *e: no such file, or another version's. */
int tm_pmtu_load_head(const uint8_t *bytes, size_t length, uint64_t *wall_ms, struct tm_error *e);

/* What a tag of the file is called now; false: the way is no more, its entries are left out. */
typedef bool tm_pmtu_retag(void *ctx, uint32_t saved, uint32_t *now);

/*
 * Takes up the entries of a whole file into an engine, aged by the time away_ms: one that was due meanwhile takes one step at the next
 * tick. What the engine knows already stays, what has no room is left out; retag NULL: tags are as they were. Not told to `changed`.
 * *loaded: how many. 0, or -EINVAL with *e (to be put behind the file's name) where anything in it is wrong: nothing is taken up then;
 * -ENOMEM: only static entries are left.
 */
int tm_pmtu_load(struct tm_pmtu *p, const uint8_t *bytes, size_t length, uint64_t now_ms, uint64_t away_ms,
		 tm_pmtu_retag *retag, void *ctx, size_t *loaded, struct tm_error *e);

#endif
