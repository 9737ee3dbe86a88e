/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make-paths COUNT IFINDEX DEVICE: on standard output a state file of tcpmssd(8) with so many learned paths, as if it had been written
 * just now: 10.0.0.0 and up, through a device of 1500 bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/pmtu/paths-file.h"
#include "lib/pmtu/state.h"

static void put(const void *bytes, size_t length)
{
	if (fwrite(bytes, 1, length, stdout) != length)
		exit(1);
}

static struct tm_pmtu *fill(uint32_t count, uint32_t tag)
{
	static const uint8_t seed[16];
	struct tm_pmtu *p = tm_pmtu_new(count, seed, &tm_pmtu_default_options);

	for (uint32_t i = 0; p && i < count; i++) {
		const struct tm_path path = { .addr = { 10, i >> 16, i >> 8, i }, .tag = tag };
		const struct tm_pmtu_message m = { .mtu = 576 + i % 900, .ceiling = 1500, .reporter = path.addr };

		tm_pmtu_ptb(p, &path, &m, 1);
	}
	return p;
}

int main(int argc, char **argv)
{
	static uint8_t records[1024 * TM_PMTU_RECORD];
	struct tm_tag tag = { .mtu = 1500 };
	const struct tm_paths_head head = { .tags = &tag, .tag_count = 1 };
	uint64_t total = 0;
	uint32_t cursor = 0;
	struct tm_pmtu *p;
	size_t length, n;
	bool done = false;
	char *text;

	if (argc != 4 || strlen(argv[3]) >= sizeof(tag.device))
		return 2;
	tag.ifindex = strtoul(argv[2], NULL, 10);
	strcpy(tag.device, argv[3]);
	p = fill(strtoul(argv[1], NULL, 10), tag.ifindex);
	text = tm_paths_head_text(&head, &length);
	if (!p || !text)
		return 1;
	put(text, length);
	tm_pmtu_save_head(records, 1000ull * (uint64_t)time(NULL));
	put(records, TM_PMTU_RECORD);
	while (!done) {
		n = tm_pmtu_save(p, &cursor, false, 1, records, 1024, &done);
		put(records, n * TM_PMTU_RECORD);
		total += n;
	}
	tm_pmtu_save_tail(records, total);
	put(records, TM_PMTU_RECORD);
	free(text);
	tm_pmtu_free(p);
	return fflush(stdout) ? 1 : 0;
}
