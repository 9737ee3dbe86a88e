/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A token bucket: `burst` at once, `rate` a second in the long run. Zeroed, it is full. Time is an argument, in milliseconds.
 */
#ifndef TM_BUCKET_H
#define TM_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct tm_bucket {
	uint64_t since_ms; /* up to when it was filled */
	uint64_t missing; /* thousandths of a token below burst */
};

/* Fills what time has brought, and tells whether there is a token. */
static inline bool tm_bucket_has(struct tm_bucket *b, uint32_t rate, uint32_t burst, uint64_t now_ms)
{
	uint64_t passed = now_ms > b->since_ms ? now_ms - b->since_ms : 0;

	if (passed > UINT32_MAX || passed * rate >= b->missing)
		b->missing = 0;
	else
		b->missing -= passed * rate; /* a token a second is a thousandth a millisecond */
	if (now_ms > b->since_ms)
		b->since_ms = now_ms;
	return b->missing + 1000 <= burst * 1000ull;
}

/* Behind tm_bucket_has(). */
static inline void tm_bucket_take(struct tm_bucket *b)
{
	b->missing += 1000;
}

#endif
