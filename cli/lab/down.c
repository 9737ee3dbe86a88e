/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss lab down
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/lab/lab.h"
#include "lab.h"

static const char help[] = "usage: tcpmss lab down [--name NAME | --all] [--quiet]\n\n"
			   "Takes a lab away: ends all processes on its hosts, takes hooks and namespaces away.\n"
			   "Also what is left of one whose making was killed.\n\n"
			   "  -n, --name NAME  of the lab; 'lab', or TCPMSS_LAB\n"
			   "  -a, --all        all labs\n"
			   "  -q, --quiet      say nothing, also where there is none\n\n"
			   "Examples:\n"
			   "  tcpmss lab down\n"
			   "  tcpmss lab down --all\n";

static const struct option long_options[] = {
	{ "name", required_argument, NULL, 'n' },
	{ "all", no_argument, NULL, 'a' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int take_down(const char *name, bool quiet)
{
	struct tm_error e;
	bool found;
	int err = io_lab_down(name, &found, &e);

	if (err)
		return cli_fail(err, &e);
	if (!quiet)
		fprintf(stderr, found ? "tcpmss: lab '%s' is gone\n" : "tcpmss: there is no lab called '%s'\n", name);
	return found || quiet ? CLI_OK : CLI_FAILED;
}

static int take_all(bool quiet)
{
	char(*names)[TM_LAB_NAME];
	int status = CLI_OK, count;
	struct tm_error e;

	count = io_lab_list(&names, &e);
	if (count < 0)
		return cli_fail(count, &e);
	for (int i = 0; i < count; i++) {
		int one = take_down(names[i], quiet);

		status = one ? one : status;
	}
	free(names);
	if (!count && !quiet)
		fputs("tcpmss: there is no lab\n", stderr);
	return status;
}

int cli_lab_down(int argc, char **argv)
{
	const char *name = cli_lab_name();
	bool all = false, quiet = false, named = false;
	struct tm_error e;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":n:aqh", long_options, NULL)) != -1) {
		switch (opt) {
		case 'n':
			name = optarg;
			named = true;
			break;
		case 'a':
			all = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'h':
			fputs(help, stdout);
			return cli_flush();
		default:
			return cli_bad_option("lab down", argv, opt);
		}
	}
	if (optind < argc)
		return cli_usage("lab down", "'%s': a lab is named with --name", argv[optind]);
	if (all && named)
		return cli_usage("lab down", "--name or --all");
	if (tm_lab_name_check(name, &e))
		return cli_usage("lab down", "%s", e.text);
	return all ? take_all(quiet) : take_down(name, quiet);
}
