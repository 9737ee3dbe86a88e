/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flood NETNS DEV GATEWAY-MAC syn|ack 4|6|46 PORT RATE [beside]: sends random SYNs or ACKs to a port of the server (of those networks of frames.c)
 * until SIGTERM, RATE a second of each family (0: as many as this machine can), and takes what is sent back for them; "beside" another one
 * from the same device, that one does. Prints "ready" when it begins, and in the end words key=value for each family.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "source.h"

#define BURSTS 20 /* a second */
#define AT_ONCE 16384 /* with a system call, where the rate is not limited */

static struct traffic *traffic;
static atomic_bool stopped;
static uint32_t rate;

static void wait_until(struct timespec *t, long ns)
{
	t->tv_nsec += ns;
	t->tv_sec += t->tv_nsec / 1000000000;
	t->tv_nsec %= 1000000000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, t, NULL);
}

static void *send_all(void *arg)
{
	const int *family = arg;
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	while (!atomic_load(&stopped)) {
		source_send(traffic, *family, rate ? (rate + BURSTS - 1) / BURSTS : AT_ONCE);
		if (rate)
			wait_until(&t, 1000000000 / BURSTS);
	}
	return NULL;
}

static void print_family(int family, double seconds)
{
	const struct traffic_answers *a = &traffic->bss->traffic_answers[family == 6];
	unsigned long long sent = traffic->bss->traffic_sent[family == 6];

	printf("family=%d sent=%llu rate=%.0f syn-acks=%llu resets=%llu others=%llu\n", family, sent,
	       (double)sent / seconds, (unsigned long long)a->syn_acks, (unsigned long long)a->resets,
	       (unsigned long long)a->others);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static const int families[2] = { 4, 6 };
	pthread_t threads[2];
	bool wanted[2];
	double start;
	sigset_t end;
	int signal;

	if (argc < 8 || argc > 9 || (strcmp(argv[4], "syn") && strcmp(argv[4], "ack")))
		return 2;
	rate = (uint32_t)atoi(argv[7]);
	traffic = source_flood(argv[1], argv[2], argv[3]);
	if (argc == 8)
		source_sink(traffic);
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &end, NULL);
	start = now();
	for (int i = 0; i < 2; i++) {
		wanted[i] = strchr(argv[5], '0' + families[i]);
		source_frames(traffic, families[i], !strcmp(argv[4], "syn"), (uint16_t)atoi(argv[6]));
		if (wanted[i] && pthread_create(&threads[i], NULL, send_all, (void *)&families[i]))
			return 1;
	}
	puts("ready");
	fflush(stdout);
	sigwait(&end, &signal);
	atomic_store(&stopped, true);
	for (int i = 0; i < 2; i++)
		if (wanted[i])
			pthread_join(threads[i], NULL);
	for (int i = 0; i < 2; i++)
		if (wanted[i])
			print_family(families[i], now() - start);
	traffic__destroy(traffic);
	return 0;
}
