/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss lab exec HOST -- COMMAND
 */
#include <getopt.h>
#include <stdio.h>

#include "io/lab/lab.h"
#include "lab.h"

static const char help[] = "usage: tcpmss lab exec [--name NAME] HOST [--] COMMAND …\n\n"
			   "Runs a command on a host of the lab: in its network namespace, with all else as it is\n"
			   "here, so that pinned hooks are seen. tcpmss and tcpmssd are those of this program.\n"
			   "The exit status is that of the command; 127 where there is none of that name.\n\n"
			   "  -n, --name NAME  of the lab; 'lab', or TCPMSS_LAB\n\n"
			   "Examples:\n"
			   "  tcpmss lab exec gateway -- tcpmss attach wan0 --mtu 1300\n"
			   "  tcpmss lab exec client bash\n";

static const struct option long_options[] = {
	{ "name", required_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

int cli_lab_exec(int argc, char **argv)
{
	const char *name = cli_lab_name(), *host;
	struct tm_error e;
	int opt, err;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+:n:h", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		}
		if (opt != 'n')
			return cli_bad_option("lab exec", argv, opt);
		name = optarg;
	}
	if (tm_lab_name_check(name, &e))
		return cli_usage("lab exec", "%s", e.text);
	if (optind == argc)
		return cli_usage("lab exec", "on which host?");
	host = argv[optind++];
	if (optind < argc && argv[optind][0] == '-' && argv[optind][1] == '-' && !argv[optind][2])
		optind++;
	if (optind == argc)
		return cli_usage("lab exec", "which command?");
	err = io_lab_enter(name, host, &e);
	return err ? cli_fail(err, &e) : cli_lab_become(name, argv + optind);
}
