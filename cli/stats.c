/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss stats HOOK [get|clear|getclear]
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "hook-json.h"

static const char help[] = "usage: tcpmss stats HOOK [get|clear|getclear] [-j]\n\n"
			   "Reads the counters of a hook since they were cleared last (get, the default),\n"
			   "clears them, or does both at once: what passes in between is in the next read.\n\n"
			   "  -j, --json  one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss stats ppp0\n"
			   "  tcpmss stats ppp0 getclear -j\n";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static void print(const struct tm_hook_counters *c)
{
	printf("packets %" PRIu64 "\noctets %" PRIu64 "\nsyn-packets %" PRIu64 "\nfixed-packets %" PRIu64 "\n", c->total.packets,
	       c->total.octets, c->total.syn_packets, c->total.fixed_packets);
	for (int r = PK_GO_ON + 1; r < PK_REASON_COUNT; r++)
		if (c->total.reasons[r])
			printf("%s %" PRIu64 "\n", tm_reason_name(r), c->total.reasons[r]);
}

static int run(const char *hook, enum io_stats what, bool json)
{
	struct tm_hook_counters counters;
	struct tm_error e;
	int err = io_hook_stats(hook, what, &counters, &e);
	json_t *document;

	if (err)
		return cli_fail(err, &e);
	if (what == IO_STATS_CLEAR)
		return CLI_OK;
	if (!json) {
		print(&counters);
		return cli_flush();
	}
	document = cli_hook_counters_json(&counters, 1 << TM_IN | 1 << TM_OUT);
	json_object_set_new(document, "schema_version", json_integer(1));
	return cli_print_json(document);
}

int cli_stats(int argc, char **argv)
{
	static const char *const words[] = { "get", "clear", "getclear" };
	enum io_stats what = IO_STATS_GET;
	bool json = false;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jh", long_options, NULL)) != -1) {
		if (opt == 'j') {
			json = true;
		} else if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		} else {
			return cli_bad_option("stats", argv, opt);
		}
	}
	if (optind == argc)
		return cli_usage("stats", "no hook named");
	if (argc - optind > 2)
		return cli_usage("stats", "'%s': one hook and one of get, clear, getclear only", argv[optind + 2]);
	if (argc - optind == 2) {
		for (what = IO_STATS_GET; what <= IO_STATS_GETCLEAR; what++)
			if (!strcmp(argv[optind + 1], words[what]))
				break;
		if (what > IO_STATS_GETCLEAR)
			return cli_usage("stats", "'%s': not 'get', 'clear' or 'getclear'", argv[optind + 1]);
	}
	return run(argv[optind], what, json);
}
