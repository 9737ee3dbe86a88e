/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss stats HOOK [get|clear|getclear]
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "io/hook/hook.h"
#include "lib/report/report-json.h"
#include "source.h"

static const char help[] = "usage: tcpmss stats HOOK [get|clear|getclear] [-j]\n\n"
			   "Reads the counters of a hook since they were cleared last (get, the default),\n"
			   "clears them, or does both at once: what passes in between is in the next read.\n\n"
			   "  -j, --json  one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss stats ppp0\n"
			   "  tcpmss stats ppp0 getclear -j\n";

static const char *const words[] = { "get", "clear", "getclear" }; /* enum io_stats */

static int print(const json_t *document)
{
	/* the key, and the word for people */
	static const char *const names[][2] = { { "packets", "packets" },
						{ "octets", "octets" },
						{ "syn_packets", "syn-packets" },
						{ "fixed_packets", "fixed-packets" } };
	const char *reason;
	json_t *packets;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		printf("%s %" JSON_INTEGER_FORMAT "\n", names[i][1], cli_number(document, names[i][0]));
	json_object_foreach(json_object_get(document, "reasons"), reason, packets) if (json_integer_value(packets))
		printf("%s %" JSON_INTEGER_FORMAT "\n", reason, json_integer_value(packets));
	return cli_flush();
}

static int read_pinned(const char *hook, enum io_stats what, json_t **document)
{
	struct tm_hook_counters counters;
	struct tm_error e;
	int err = io_hook_stats(hook, what, &counters, &e);

	if (err)
		return cli_fail(err, &e);
	if (what != IO_STATS_CLEAR)
		*document = tm_stats_json(&counters, 1 << TM_IN | 1 << TM_OUT);
	return CLI_OK;
}

static int run(const char *hook, enum io_stats what, bool json)
{
	json_t *document;
	int status;

	if (!cli_ask_if_there(json_pack("{s:s, s:s, s:s}", "verb", "stats", "hook", hook, "what", words[what]), &document, &status))
		status = read_pinned(hook, what, &document);
	if (status || what == IO_STATS_CLEAR)
		return status;
	return json ? cli_print_json(document) : cli_print_text(document, print);
}

int cli_stats(int argc, char **argv)
{
	enum io_stats what = IO_STATS_GET;
	bool json;
	int status;

	if (!cli_only_json("stats", help, argc, argv, &json, &status))
		return status;
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
