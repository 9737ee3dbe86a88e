/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss pmtu VERB: a table of verbs.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "pmtu.h"

static const struct cli_verb verbs[] = {
	{ "show", cli_pmtu_show, "the paths that the running tcpmssd knows; also without a verb" },
	{ "set", cli_pmtu_set, "a path has this MTU, whatever is told of it" },
	{ "delete", cli_pmtu_delete, "forget one path, learned or set" },
	{ "flush", cli_pmtu_flush, "forget all that was learned" },
	{ "replay", cli_pmtu_replay, "what is learned from a capture, or a script; needs no privilege" },
};

static void help(FILE *f)
{
	fprintf(f, "usage: tcpmss pmtu VERB …\n\n"
		   "Path MTUs that are learned from packet-too-big messages (path MTU discovery).\n\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		fprintf(f, "  %-7s %s\n", verbs[i].name, verbs[i].help);
	fprintf(f, "\n  -h, --help  also behind each verb\n\n"
		   "Examples:\n"
		   "  tcpmss pmtu show 198.51.100.0/24\n"
		   "  tcpmss pmtu set 198.51.100.7 mtu 1400\n\n"
		   "See tcpmss(8).\n");
}

int cli_pmtu(int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
		help(stdout);
		return cli_flush();
	}
	if (argc < 2 || argv[1][0] == '-')
		return cli_pmtu_show(argc, argv);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	return cli_usage("pmtu", "'%s' is none of its verbs", argv[1]);
}
