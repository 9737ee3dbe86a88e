/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protect NETNS DEV GATEWAY-MAC PACKETS NAME SYNS ACKS: floods what lies behind the
 * device with random SYNs and random ACKs of both families and prints what one of each cost ("sample NAME-syn4 NS"), all on one CPU: the
 * source, whoever answers, and the sink of the answers. SYNS and ACKS tell what is to come back for (nearly) every one, otherwise it
 * fails: answer (a SYN-ACK), reset, reflect (the same), nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "source.h"

static bool is_right(const struct traffic_answers *a, const char *wanted, uint32_t packets)
{
	uint32_t most = packets - packets / 100;

	if (!strcmp(wanted, "answer"))
		return a->syn_acks >= most;
	if (!strcmp(wanted, "reset"))
		return a->resets >= most;
	if (!strcmp(wanted, "reflect"))
		return a->others >= most;
	return !a->syn_acks && !a->resets && !a->others;
}

int main(int argc, char **argv)
{
	struct traffic *t;
	uint32_t packets;
	int failed = 0;

	if (argc != 8)
		return 2;
	packets = (uint32_t)atoi(argv[4]);
	bench_pin();
	t = source_flood(argv[1], argv[2], argv[3]);
	source_sink(t);
	for (int kind = 0; kind < 4; kind++) {
		int family = kind & 1 ? 6 : 4;
		bool syn = !(kind & 2);
		const char *wanted = argv[syn ? 6 : 7];
		struct traffic_answers *answers = &t->bss->traffic_answers[family == 6];
		double ns;

		source_frames(t, family, syn, BENCH_PORT);
		source_send(t, family, packets / 10); /* neighbours, routes and caches */
		*answers = (struct traffic_answers){ 0 };
		ns = source_timed(t, family, packets);
		printf("sample\t%s-%s%d\t%.2f\n", argv[5], syn ? "syn" : "ack", family, ns);
		if (!is_right(answers, wanted, packets)) {
			fprintf(stderr,
				"bench: %s, IPv%d: %u %s sent, wanted '%s'; %llu SYN-ACKs, %llu resets, %llu others came back\n",
				argv[5], family, packets, syn ? "SYNs" : "ACKs", wanted,
				(unsigned long long)answers->syn_acks, (unsigned long long)answers->resets,
				(unsigned long long)answers->others);
			failed = 1;
		}
	}
	traffic__destroy(t);
	return failed;
}
