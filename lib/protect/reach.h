/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether the cookies that our programs let pass reach SYNPROXY: a rule of somebody else may stand in between that nobody finds by reading
 * rules.
 */
#ifndef TM_PROTECT_REACH_H
#define TM_PROTECT_REACH_H

#include <stdbool.h>
#include <stdint.h>

#define TM_PROTECT_REACH_MIN 10 /* cookies before they say anything */

/* Zero-initialised it begins. */
struct tm_protect_reach {
	uint64_t good, taken; /* when it was last judged */
	bool begun;
	bool lost; /* fewer than half of them come there */
};

/*
 * Takes totals since ever, every few seconds: ACKs with a good cookie that were let pass, and those that SYNPROXY has found good. Totals
 * may begin anew. True where `lost` has changed.
 */
bool tm_protect_reach_tick(struct tm_protect_reach *r, uint64_t good, uint64_t taken);

#endif
