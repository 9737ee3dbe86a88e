/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the unit tests share: cmocka with TAP output, and random numbers that can be had again.
 */
#ifndef TEST_H
#define TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* One group a program, so that there is one plan. */
#define TEST_MAIN(group, setup, teardown)                                                                  \
	int main(void)                                                                                     \
	{                                                                                                  \
		test_seed();                                                                               \
		cmocka_set_message_output(CM_OUTPUT_TAP);                                                  \
		return cmocka_run_group_tests_name(program_invocation_short_name, group, setup, teardown); \
	}

static uint64_t test_state = 1;

/* TM_SEED=N repeats other numbers than the usual ones. */
static inline void test_seed(void)
{
	const char *seed = getenv("TM_SEED");

	test_state = (seed ? strtoull(seed, NULL, 0) : 0) ^ 0x9e3779b97f4a7c15;
	if (!test_state)
		test_state = 1;
}

/* xorshift64* */
static inline uint32_t test_random(void)
{
	test_state ^= test_state >> 12;
	test_state ^= test_state << 25;
	test_state ^= test_state >> 27;
	return (test_state * 0x2545f4914f6cdd1d) >> 32;
}

static inline uint32_t test_below(uint32_t n)
{
	return (uint64_t)test_random() * n >> 32;
}

#endif
