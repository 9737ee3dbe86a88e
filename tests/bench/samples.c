/* SPDX-License-Identifier: BSD-2-Clause */
#include "samples.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void bench_title(const char *text)
{
	printf("title\t%s\n", text);
}

double bench_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

uint32_t bench_random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state = state * 6364136223846793005 + 1442695040888963407;
	return state >> 32;
}

void bench_pin(void)
{
	cpu_set_t set, one;

	sched_getaffinity(0, sizeof(set), &set);
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
		if (CPU_ISSET(cpu, &set)) {
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof(one), &one);
			return;
		}
	}
}

static void shuffle(size_t *order, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = bench_random() % i, swap = order[j];

		order[j] = order[i - 1];
		order[i - 1] = swap;
	}
}

int bench_rounds(const struct bench_case *cases, size_t count, unsigned rounds)
{
	size_t *order = calloc(count, sizeof(*order));
	int err = 0;

	if (!order)
		return -1;
	for (size_t i = 0; i < count; i++) {
		order[i] = i;
		printf("case\t%s\t%s\t%g\tns\t%s\n", cases[i].name, cases[i].floor ? cases[i].floor : "-", cases[i].bar,
		       cases[i].text);
	}
	for (unsigned round = 0; round <= rounds && !err; round++) {
		shuffle(order, count);
		for (size_t i = 0; i < count && !err; i++) {
			const struct bench_case *c = &cases[order[i]];
			double ns = c->run(c->arg);

			if (ns < 0) {
				fprintf(stderr, "bench: %s failed\n", c->name);
				err = -1;
			} else if (round) {
				printf("sample\t%s\t%.4f\n", c->name, ns);
			}
		}
		fflush(stdout);
	}
	free(order);
	return err;
}
