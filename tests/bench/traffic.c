/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * traffic SOURCE-NETNS SOURCE-DEV SINK-NETNS SINK-DEV GATEWAY-MAC PACKETS MSS NAME [FLOWS]: sends packets of four kinds through whatever
 * lies between the two devices and prints what one of each cost ("sample NAME-syn4 NS"), all on one CPU: source, gateway and
 * sink. Fails where packets are lost, or where SYNs do not arrive with that MSS.
 */
#include "samples.h"
#include "source.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct traffic *t;
	uint32_t packets, mss;
	int failed = 0;

	if (argc != 9 && argc != 10)
		return 2;
	packets = (uint32_t)atoi(argv[6]);
	mss = (uint32_t)atoi(argv[7]);
	bench_pin();
	t = source_open(argv[1], argv[2], argv[3], argv[4], argv[5]);
	t->bss->traffic_flows = argc == 10 ? (uint32_t)atoi(argv[9]) : 0;
	for (int kind = 0; kind < 4; kind++) {
		int family = kind & 1 ? 6 : 4;
		struct traffic_sunk *sunk = &t->bss->traffic_sunk[family == 6];
		bool syn = kind & 2;
		double ns;

		source_frames(t, family, syn, BENCH_PORT);
		source_timed(t, family, packets / 10); /* neighbours, routes and caches */
		*sunk = (struct traffic_sunk){ 0 };
		ns = source_timed(t, family, packets);
		printf("sample\t%s-%s%d\t%.2f\n", argv[8], syn ? "syn" : "data", family, ns);
		if (sunk->packets < packets - packets / 1000 || (syn && sunk->mss != mss)) {
			fprintf(stderr, "bench: %s, IPv%d: %u packets sent, %llu arrived, MSS %u\n", argv[8], family,
				packets, (unsigned long long)sunk->packets, sunk->mss);
			failed = 1;
		}
	}
	traffic__destroy(t);
	return failed;
}
