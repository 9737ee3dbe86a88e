/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pk-batch --backend user|xdp|tc [--link NAME] [clamp options]
 *
 * One frame a line in hex on standard input; on standard output a line each: REASON ALSO|- HEX. A frame that the backend cannot
 * run (too short for it, another link type) answers "skip".
 */
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "hex.h"
#include "lib/report/stats.h"

#define ROOM (65536 + 64)

static int usage(const char *why)
{
	fprintf(stderr, "pk-batch: %s\n", why);
	return 2;
}

static void print(const struct pk_result *r, const uint8_t *frame, uint32_t len)
{
	const char *comma = "";

	printf("%s ", tm_reason_name(r->reason));
	if (!r->also)
		putchar('-');
	for (int i = 0; i < PK_REASON_COUNT; i++) {
		if (r->also >> i & 1) {
			printf("%s%s", comma, tm_reason_name(i));
			comma = ",";
		}
	}
	putchar(' ');
	hex_write(stdout, frame, len);
	putchar('\n');
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		TM_CLAMP_OPTIONS,
		{ "backend", required_argument, NULL, 'b' },
		{ "link", required_argument, NULL, 'l' },
		{ "verbose", no_argument, NULL, 'v' },
		{ 0 },
	};
	enum backend_kind kind = BACKEND_USER;
	enum pk_link link = PK_LINK_ETHERNET;
	struct tm_options options = { 0 };
	static uint8_t frame[ROOM];
	struct tm_error error;
	struct backend b;
	char *line = NULL;
	size_t room = 0;
	int opt, err;

	io_bpf_verbose(false);
	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (opt == 'b' && backend_kind_find(optarg, &kind))
			continue;
		if (opt == 'l' && (link = backend_link_find(optarg)))
			continue;
		if (opt == 'v') {
			io_bpf_verbose(true);
			continue;
		}
		err = tm_options_take(&options, opt, optarg, &error);
		if (err)
			return usage(err < 0 ? error.text : "unknown option or value");
	}
	if (tm_options_finish(&options, &error))
		return usage(error.text);
	if (backend_open(&b, kind, link, &options, &error)) {
		fprintf(stderr, "pk-batch: %s\n", error.text);
		return 1;
	}
	while (getline(&line, &room, stdin) > 0) {
		long n = hex_read(line, frame, ROOM - 64);
		uint32_t len = n;
		struct pk_result result;

		if (n < 0)
			return usage("a line that is no frame in hex");
		if (!backend_can(kind, link, frame, len)) {
			puts("skip");
			continue;
		}
		err = backend_run(&b, frame, &len, ROOM, &result);
		if (err) {
			fprintf(stderr, "pk-batch: running a frame: %s\n", strerror(-err));
			return 1;
		}
		print(&result, frame, len);
	}
	free(line);
	backend_close(&b);
	tm_options_free(&options);
	return 0;
}
