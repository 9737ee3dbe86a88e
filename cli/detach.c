/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss detach DEV|HOOK|--all
 */
#include <getopt.h>
#include <stdio.h>

#include "cli.h"
#include "io/hook.h"

static const char help[] = "usage: tcpmss detach HOOK|DEV|--all\n\n"
			   "Takes away a hook, all hooks of a device, or all hooks of this network\n"
			   "namespace, with their counters.\n\n"
			   "Examples:\n"
			   "  tcpmss detach ppp0\n"
			   "  tcpmss detach --all\n";

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

int cli_detach(int argc, char **argv)
{
	struct tm_error e;
	bool all = false;
	int opt, n;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		if (opt == 'a') {
			all = true;
		} else if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		} else {
			return cli_bad_option("detach", argv, opt);
		}
	}
	if (all + argc - optind != 1)
		return cli_usage("detach", "needs one hook or device, or --all");
	n = io_hook_detach(all ? NULL : argv[optind], &e);
	if (n < 0)
		return cli_fail(n, &e);
	fprintf(stderr, "tcpmss: %d hook%s detached\n", n, n == 1 ? "" : "s");
	return CLI_OK;
}
