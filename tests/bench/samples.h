/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interleaved rounds: every round runs each case once, so that what else the machine does meets all of them alike. Output is
 * lines for report.py, which pairs a case with its floor round by round.
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct bench_case {
	const char *name; /* unique within a run */
	const char *floor; /* what its figure is taken off, or NULL */
	double bar; /* nanoseconds over the floor; 0: none */
	const char *text; /* for the table */
	double (*run)(void *arg); /* nanoseconds for one packet; negative: failed */
	void *arg;
};

/* A heading of the table. */
void bench_title(const char *text);

/*
 * Runs `count` cases `rounds` times and prints them, each round in another order. The first round is thrown away. 0, or -1 once a
 * case failed.
 */
int bench_rounds(const struct bench_case *cases, size_t count, unsigned rounds);

/* Nanoseconds that this thread has run: time given to others does not count. */
double bench_clock(void);

/* Numbers that are the same in every run. */
uint32_t bench_random(void);

/* Stays on one CPU: the last of those allowed. */
void bench_pin(void);

#endif
