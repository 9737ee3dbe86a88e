/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * How a frame is put back as it was between two runs of a program; shared by restore.h (BPF) and testrun.c.
 */
#ifndef BENCH_EDIT_H
#define BENCH_EDIT_H

#include <linux/types.h>

#define BENCH_SOURCES 16384 /* addresses to draw from */

struct bench_edit {
	__u32 mss_at, sum_at, source_at; /* offsets in the frame */
	__u32 source_len; /* bytes of address that change from run to run, 0: it stays */
	__u16 mss, sum; /* as they stand in the frame */
};

#endif
