/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture FILE MEGABYTES: writes a pcap file of Ethernet frames as a gateway sees them: full segments and acknowledgments, of both
 * families, one packet in a hundred a SYN.
 */
#include "frames.h"
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, snaplen, link;
};

struct packet_header {
	uint32_t seconds, microseconds, captured, length;
};

int main(int argc, char **argv)
{
	const struct file_header header = { 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1 };
	static struct bench_frame frames[2][3];
	static const uint8_t payload[1448];
	uint64_t left, n = 0;
	FILE *f;

	if (argc != 3 || !(f = fopen(argv[1], "w")))
		return 2;
	for (int i = 0; i < 2; i++) {
		bench_frame(&frames[i][0], i ? 6 : 4, true, BENCH_LINUX, 0);
		bench_frame(&frames[i][1], i ? 6 : 4, false, BENCH_TS, 0);
		bench_frame(&frames[i][2], i ? 6 : 4, false, BENCH_TS, 0);
	}
	setvbuf(f, NULL, _IOFBF, 1 << 20);
	fwrite(&header, sizeof(header), 1, f);
	for (left = (uint64_t)atoi(argv[2]) * 1000000; left > 2000; n++) {
		unsigned kind = n % 100 == 0 ? 0 : 1 + (bench_random() % 5 > 1);
		const struct bench_frame *frame = &frames[bench_random() % 4 == 0][kind];
		uint32_t more = kind == 2 ? sizeof(payload) : 0;
		const struct packet_header h = { n / 100000, n % 100000 * 10, frame->len + more, frame->len + more };

		fwrite(&h, sizeof(h), 1, f);
		fwrite(frame->bytes, frame->len, 1, f);
		fwrite(payload, more, 1, f);
		left -= sizeof(h) + h.captured;
	}
	return fclose(f) ? 1 : 0;
}
