/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss(8): a table of verbs.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "io/bpf/program.h"

static const struct cli_verb verbs[] = {
	{ "show", cli_show, "hooks, their limits and counters, and what looks wrong" },
	{ "attach", cli_attach, "clamp the MSS of SYNs on a device" },
	{ "detach", cli_detach, "take clamps away" },
	{ "stats", cli_stats, "read and clear a hook's counters" },
	{ "explain", cli_explain, "which limit a SYN from an address gets, and why" },
	{ "watch", cli_watch, "a line for each SYN: what became of it, and why" },
	{ "pmtu", cli_pmtu, "path MTUs that were learned or set; what a script or capture would teach" },
	{ "protect", cli_protect, "SYN cookies for servers behind this gateway" },
	{ "check", cli_check, "what is wrong with a configuration file" },
	{ "reload", cli_reload, "put another configuration in force in the running tcpmssd" },
	{ "confirm", cli_confirm, "keep what reload --confirm has put in force" },
	{ "undo", cli_undo, "go back from what reload --confirm has put in force" },
	{ "msg", cli_msg, "the messages of ng_tcpmss(4)" },
	{ "doctor", cli_doctor, "proves the clamp with a real SYN, and names what is wrong" },
	{ "lab", cli_lab, "broken networks in namespaces, for trying this and testing others" },
	{ "tproxy", cli_tproxy, "packet-too-big messages for transparent proxies" },
	{ "rewrite", cli_rewrite, "clamp a capture file" },
};

static void help(FILE *f)
{
	fprintf(f, "usage: tcpmss [-v] [VERB …]\n\n"
		   "Keeps TCP working across links with a small MTU. Without a verb: show.\n\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		fprintf(f, "  %-9s %s\n", verbs[i].name, verbs[i].help);
	fprintf(f, "\n  -v, --verbose  let the BPF libraries speak\n"
		   "  -V, --version\n"
		   "  -h, --help     also behind each verb\n\n"
		   "Examples:\n"
		   "  tcpmss attach ppp0              clamp to the MTU of ppp0, both directions\n"
		   "  tcpmss explain 198.51.100.7     why connections to there get the MSS they get\n\n"
		   "See tcpmss(8).\n");
}

int main(int argc, char **argv)
{
	bool verbose = false;

	while (argc > 1 && (!strcmp(argv[1], "-v") || !strcmp(argv[1], "--verbose"))) {
		verbose = true;
		argv++;
		argc--;
	}
	io_bpf_verbose(verbose);
	if (argc > 1 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
		help(stdout);
		return cli_flush();
	}
	if (argc > 1 && (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version"))) {
		puts("tcpmss " TM_VERSION);
		return cli_flush();
	}
	if (argc < 2 || argv[1][0] == '-')
		return cli_show(argc, argv);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(stderr, "tcpmss: '%s' is not a verb: 'tcpmss --help' lists them\n", argv[1]);
	return CLI_USAGE;
}
