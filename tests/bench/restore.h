/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What a test run lacks: the frame as it came, again for every repetition. It is put back after the clamp ran, not before,
 * so that the clamp does not wait for these stores.
 */
#ifndef BENCH_RESTORE_H
#define BENCH_RESTORE_H

#include "core/target.h"
#include "tests/bench/edit.h"

/* Set by user space. */
struct bench_edit bench_edit = {};
__u8 bench_sources4[BENCH_SOURCES][4] = {};
__u8 bench_sources6[BENCH_SOURCES][16] = {};
__u32 bench_next = 0;

/* Offsets are masked and checked for the verifier. */
static __always_inline void bench_put(void *data, void *data_end, __u32 at, const void *from, __u32 n)
{
	void *to = data + (at & 127);

	if (to + n <= data_end)
		__builtin_memcpy(to, from, n);
}

static __always_inline void bench_restore(void *data, void *data_end)
{
	__u32 next = bench_next++ % BENCH_SOURCES;

	bench_put(data, data_end, bench_edit.mss_at, &bench_edit.mss, 2);
	bench_put(data, data_end, bench_edit.sum_at, &bench_edit.sum, 2);
	if (bench_edit.source_len == 4)
		bench_put(data, data_end, bench_edit.source_at, bench_sources4[next], 4);
	else if (bench_edit.source_len)
		bench_put(data, data_end, bench_edit.source_at, bench_sources6[next], 16);
}

#endif
