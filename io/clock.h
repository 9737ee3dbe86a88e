/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time in nanoseconds.
 */
#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include <stdint.h>
#include <time.h>

/* ns of a clock: CLOCK_MONOTONIC as the BPF programs have it, CLOCK_REALTIME since 1970. */
static inline uint64_t io_clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

#endif
