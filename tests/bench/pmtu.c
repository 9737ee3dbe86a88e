/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The path-MTU engine with a million destinations (or argv[2]): memory, insertion, lookups, updates, ticks, saving and loading.
 *
 * One operation is far less than reading a clock from the kernel takes, so the processor's counter is read around each, and what that costs
 * by itself is taken off. Destinations are IPv6, all in random order: "any of them" misses every cache, "the same 1000" does not.
 */
#include "samples.h"

#include "lib/pmtu/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

enum { OPERATIONS = 100000, HOT = 1000, DUE = 1000 };

static uint32_t entries = 1000000;
static double ns_per_count;
static uint8_t reporter[16] = { 0x20, 1 };

static uint64_t counter(void)
{
#if defined(__x86_64__)
	unsigned aux;
	uint64_t n = __rdtscp(&aux);

	_mm_lfence();
	return n;
#else
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
#endif
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void calibrate(void)
{
	double start = now(), end;
	uint64_t first = counter();

	while ((end = now()) < start + 5e7)
		;
	ns_per_count = (end - start) / (double)(counter() - first);
}

static struct tm_path path_of(uint32_t number)
{
	struct tm_path path = { .addr = { 0x20, 1, 0xd, 0xb8 }, .ipv6 = true, .tag = 2 };

	memcpy(path.addr + 12, &number, sizeof(number));
	return path;
}

static struct tm_pmtu_message message(void)
{
	return (struct tm_pmtu_message){ .mtu = 1400, .ceiling = 1500, .reporter = reporter };
}

static struct tm_pmtu *new_engine(void)
{
	uint8_t seed[16];

	for (unsigned i = 0; i < sizeof(seed); i++)
		seed[i] = bench_random();
	return tm_pmtu_new(entries, seed, &tm_pmtu_default_options);
}

/* One operation; its result keeps it from being left out. */
typedef uint64_t operation(struct tm_pmtu *p, const struct tm_path *path);

static uint64_t nothing(struct tm_pmtu *p, const struct tm_path *path)
{
	return 0;
}

static uint64_t lookup(struct tm_pmtu *p, const struct tm_path *path)
{
	struct tm_pmtu_entry entry;

	return tm_pmtu_find(p, path, &entry) ? entry.pmtu : 0;
}

static uint64_t update(struct tm_pmtu *p, const struct tm_path *path)
{
	struct tm_pmtu_message m = message();

	return tm_pmtu_ptb(p, path, &m, 1000);
}

static int compare(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* Nanoseconds of one operation, p50 and p99, to any of `among` destinations. */
static void measure(struct tm_pmtu *p, operation *volatile run, uint32_t among, double *p50, double *p99)
{
	static uint32_t counts[OPERATIONS];
	uint64_t sum = 0;

	for (unsigned i = 0; i < OPERATIONS; i++) {
		struct tm_path path = path_of(bench_random() % among);
		uint64_t start = counter();

		sum += run(p, &path);
		counts[i] = counter() - start;
	}
	*(volatile uint64_t *)&sum = sum;
	qsort(counts, OPERATIONS, sizeof(*counts), compare);
	*p50 = counts[OPERATIONS / 2] * ns_per_count;
	*p99 = counts[OPERATIONS / 100 * 99] * ns_per_count;
}

static const struct {
	const char *name, *text;
	operation *run;
	bool hot;
	double bar;
} kinds[] = {
	{ "lookup-hot", "lookup, the same 1000", lookup, true, 100 },
	{ "lookup-any", "lookup, any", lookup, false, 100 },
	{ "update-hot", "update, the same 1000", update, true, 100 },
	{ "update-any", "update, any", update, false, 100 },
};

static void measure_all(struct tm_pmtu *p)
{
	uint32_t hot = entries < HOT ? entries : HOT;
	double floor[2], got[2];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		uint32_t among = kinds[i].hot ? hot : entries;

		measure(p, nothing, among, &floor[0], &floor[1]);
		measure(p, kinds[i].run, among, &got[0], &got[1]);
		printf("sample\t%s-p50\t%f\n", kinds[i].name, got[0] - floor[0]);
		printf("sample\t%s-p99\t%f\n", kinds[i].name, got[1] - floor[0]);
	}
}

/* A load from memory that the next one has to wait for: what nothing of this size can be faster than. */
static double one_miss(void)
{
	enum { LINE = 64, LINES = 1000000 };
	char *memory = malloc((size_t)LINE * LINES);
	uint32_t at = 0, *order = malloc(LINES * sizeof(*order));
	double start;

	for (uint32_t i = 0; i < LINES; i++)
		order[i] = i;
	for (uint32_t i = LINES - 1; i; i--) { /* one ring (Sattolo) */
		uint32_t j = bench_random() % i, swap = order[j];

		order[j] = order[i];
		order[i] = swap;
	}
	for (uint32_t i = 0; i < LINES; i++)
		memcpy(memory + (size_t)i * LINE, &order[i], sizeof(*order));
	start = now();
	for (unsigned i = 0; i < OPERATIONS; i++)
		at = *(volatile uint32_t *)(memory + (size_t)at * LINE);
	start = now() - start;
	free(order);
	free(memory);
	return start / OPERATIONS;
}

static void ticks(struct tm_pmtu *p)
{
	struct tm_pmtu_message m = message();
	double start = now();

	for (unsigned i = 0; i < OPERATIONS; i++)
		tm_pmtu_tick(p, 2000, 0);
	printf("sample\ttick-idle\t%f\n", (now() - start) / OPERATIONS);
	/* all but 1000 stay: those have their PTB later */
	tm_pmtu_flush(p, false);
	for (uint32_t i = 0; i < entries; i++) {
		struct tm_path path = path_of(i);

		tm_pmtu_ptb(p, &path, &m, i < DUE ? 3000 : 4000);
	}
	start = now();
	if (tm_pmtu_tick(p, 603000, 0) != DUE)
		exit(1);
	printf("sample\ttick-due\t%f\n", (now() - start) / 1e3);
}

static void save_and_load(const struct tm_pmtu *p)
{
	size_t bytes = ((size_t)entries + 2) * TM_PMTU_RECORD, n, loaded;
	uint8_t *file = malloc(bytes);
	struct tm_pmtu *other = new_engine();
	struct tm_error e;
	uint32_t cursor = 0;
	double start = now();
	bool done;

	tm_pmtu_save_head(file, 0);
	n = tm_pmtu_save(p, &cursor, true, 700000, file + TM_PMTU_RECORD, entries, &done);
	tm_pmtu_save_tail(file + (n + 1) * TM_PMTU_RECORD, n);
	printf("sample\tsave\t%f\n", (now() - start) / 1e6);
	start = now();
	if (tm_pmtu_load(other, file, bytes, 1000, 0, NULL, NULL, &loaded, &e) || loaded != n)
		exit(1);
	printf("sample\tload\t%f\n", (now() - start) / 1e6);
	tm_pmtu_free(other);
	free(file);
}

static void run_round(void)
{
	struct tm_pmtu *p = new_engine();
	struct tm_pmtu_message m = message();
	struct tm_pmtu_counts counts;
	uint32_t *took = malloc(entries * sizeof(*took));
	double start = now();

	if (!p || !took)
		exit(1);
	for (uint32_t i = 0; i < entries; i++) {
		struct tm_path path = path_of(i);
		uint64_t before = counter();

		tm_pmtu_ptb(p, &path, &m, 1000);
		took[i] = counter() - before;
	}
	printf("sample\tinsert\t%f\n", (now() - start) / 1e9);
	qsort(took, entries, sizeof(*took), compare);
	printf("sample\tinsert-p9999\t%f\n", took[entries - 1 - entries / 10000] * ns_per_count / 1e3);
	free(took);
	tm_pmtu_count(p, &counts);
	printf("sample\tbytes\t%f\n", counts.bytes / 1e6);
	printf("sample\tmiss\t%f\n", one_miss());
	measure_all(p);
	ticks(p);
	save_and_load(p);
	tm_pmtu_free(p);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 5;
	double scale;

	if (argc > 2)
		entries = (uint32_t)atoi(argv[2]);
	scale = entries / 1e6;
	bench_pin();
	calibrate();
	bench_title("The path-MTU engine, full");
	printf("note\t%u destinations\n", entries);
	printf("case\tbytes\t-\t%f\tMB\tall memory\n", 64 * scale);
	printf("case\tinsert\t-\t%f\ts\tinsert all\n", scale);
	printf("case\tinsert-p9999\t-\t0\tus\tone insertion: p99.99\n");
	printf("case\tmiss\t-\t0\tns\tone load from memory, for comparison\n");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		printf("case\t%s-p50\t-\t%f\tns\t%s: p50\n", kinds[i].name, kinds[i].bar, kinds[i].text);
		printf("case\t%s-p99\t-\t0\tns\t%s: p99\n", kinds[i].name, kinds[i].text);
	}
	printf("case\ttick-idle\t-\t1000\tns\ttick, nothing due\n");
	printf("case\ttick-due\t-\t0\tus\ttick, 1000 due\n");
	printf("case\tsave\t-\t0\tms\tsave all\n");
	printf("case\tload\t-\t0\tms\tload all\n");
	for (unsigned i = 0; i < rounds; i++)
		run_round();
	return 0;
}
