/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load SOURCE-NETNS SOURCE-DEV SINK-NETNS SINK-DEV GATEWAY-MAC MTU MTU: sends SYNs through what lies between the two devices until
 * SIGTERM, IPv4 on one CPU and IPv6 on another, and prints what was sent and what arrived as words key=value: each
 * with the MSS of one MTU or of the other, or "unclamped".
 *
 * Nothing may be lost for want of room on the way, so that whatever is missing in the end was lost by what is tested: only as
 * many packets are under way as the shortest queue (a veth's ring) holds.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "source.h"

#define UNDER_WAY 192 /* of 256 */
#define TRIES 16384 /* with a system call: some find no room and send nothing */
#define PATIENCE 3 /* seconds to wait for the last packets */

static struct traffic *traffic;
static atomic_bool stopped;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *send_all(void *arg)
{
	const int *family = arg;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((*family == 6) % sysconf(_SC_NPROCESSORS_ONLN), &one);
	sched_setaffinity(0, sizeof(one), &one);
	while (!atomic_load(&stopped))
		source_send(traffic, *family, TRIES);
	return NULL;
}

static bool all_there(void)
{
	const volatile struct traffic_sunk *sunk = traffic->bss->traffic_sunk;
	const volatile unsigned long long *sent = traffic->bss->traffic_sent;

	return sent[0] + sent[1] == sunk[0].packets + sunk[1].packets;
}

static void print_family(int family)
{
	const struct traffic_sunk *sunk = &traffic->bss->traffic_sunk[family == 6];

	printf("family=%d sent=%llu arrived=%llu first=%llu second=%llu unclamped=%llu\n", family,
	       (unsigned long long)traffic->bss->traffic_sent[family == 6], (unsigned long long)sunk->syns,
	       (unsigned long long)sunk->expected[0], (unsigned long long)sunk->expected[1],
	       (unsigned long long)(sunk->syns - sunk->expected[0] - sunk->expected[1]));
}

int main(int argc, char **argv)
{
	static int families[2] = { 4, 6 };
	pthread_t threads[2];
	double start, seconds;
	sigset_t end;
	int signal;

	if (argc != 8)
		return 2;
	traffic = source_open(argv[1], argv[2], argv[3], argv[4], argv[5]);
	traffic->bss->traffic_under_way = UNDER_WAY;
	for (int i = 0; i < 2; i++) {
		source_frames(traffic, families[i], true, BENCH_PORT);
		traffic->bss->traffic_expected[i][0] = (uint16_t)(atoi(argv[6]) - (i ? 60 : 40));
		traffic->bss->traffic_expected[i][1] = (uint16_t)(atoi(argv[7]) - (i ? 60 : 40));
	}
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &end, NULL);
	start = now();
	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, send_all, &families[i]))
			return 1;
	sigwait(&end, &signal);
	atomic_store(&stopped, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	seconds = now() - start;
	for (int tries = 0; !all_there() && tries < PATIENCE * 100; tries++)
		usleep(10000);
	printf("rate=%.0f seconds=%.1f\n",
	       (double)(traffic->bss->traffic_sent[0] + traffic->bss->traffic_sent[1]) / seconds, seconds);
	for (int i = 0; i < 2; i++)
		print_family(families[i]);
	traffic__destroy(traffic);
	return 0;
}
