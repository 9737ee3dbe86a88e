/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss protect VERB: a table of verbs.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "protect.h"

static const struct cli_verb verbs[] = {
	{ "show", cli_protect_show, "what is protected, its state and rates; also without a verb" },
	{ "add", cli_protect_add, "protect servers until tcpmssd stops" },
	{ "remove", cli_protect_remove, "protect them no longer, or clean up what a killed tcpmssd left" },
};

static void help(FILE *f)
{
	fprintf(f, "usage: tcpmss protect VERB …\n\n"
		   "SYNs for servers behind this gateway are answered with cookies, so that floods\n"
		   "of SYNs and ACKs do not reach them. It is the running tcpmssd that does so.\n\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		fprintf(f, "  %-7s %s\n", verbs[i].name, verbs[i].help);
	fprintf(f, "\n  -h, --help  also behind each verb\n\n"
		   "Examples:\n"
		   "  tcpmss protect add web --servers 10.0.2.0/24 --ports 80,443 --device eth0\n"
		   "  tcpmss protect show\n\n"
		   "See tcpmss(8).\n");
}

int cli_protect(int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
		help(stdout);
		return cli_flush();
	}
	if (argc < 2 || argv[1][0] == '-')
		return cli_protect_show(argc, argv);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	return cli_usage("protect", "'%s' is none of its verbs", argv[1]);
}
