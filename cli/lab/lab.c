/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss lab VERB: a table of verbs, and what they share.
 */
#include "lab.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cli_verb verbs[] = {
	{ "up", cli_lab_up, "makes a network" },
	{ "exec", cli_lab_exec, "runs a command on one of its hosts" },
	{ "status", cli_lab_status, "draws what is up; also without a verb" },
	{ "down", cli_lab_down, "takes a network away, and ends all that runs in it" },
	{ "run", cli_lab_run, "up, a command, down" },
	{ "relay", cli_lab_relay, "the small transparent proxy of the network 'proxy'" },
};

static void help(FILE *f)
{
	fprintf(f, "usage: tcpmss lab VERB …\n\n"
		   "Networks in namespaces that are broken on purpose, IPv4 and IPv6, for trying this\n"
		   "program and for testing others. Nothing of the machine's own network is touched.\n\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		fprintf(f, "  %-8s %s\n", verbs[i].name, verbs[i].help);
	fprintf(f, "\nNetworks:\n");
	for (unsigned n = 0; n < TM_LAB_NETWORKS; n++)
		fprintf(f, "  %-8s %s\n", tm_lab_network_name(n), tm_lab_network_help(n));
	fprintf(f, "\n  -h, --help  also behind each verb\n\n"
		   "Examples:\n"
		   "  tcpmss lab up path --blackhole\n"
		   "  tcpmss lab exec client -- curl http://198.18.4.2/\n\n"
		   "See tcpmss(8) and docs/lab.md.\n");
}

int cli_lab(int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
		help(stdout);
		return cli_flush();
	}
	if (argc < 2 || argv[1][0] == '-')
		return cli_lab_status(argc, argv);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	return cli_usage("lab", "'%s' is none of its verbs", argv[1]);
}

const char *cli_lab_name(void)
{
	const char *name = getenv("TCPMSS_LAB");

	return name && *name ? name : TM_LAB_DEFAULT;
}

bool cli_lab_name_take(const char *verb, const char *value, const char **name)
{
	struct tm_error e;

	if (tm_lab_name_check(value, &e)) {
		cli_usage(verb, "%s", e.text);
		return false;
	}
	*name = value;
	return true;
}

/* A program that was built, and is not installed, finds itself and tcpmssd. */
static void add_path(void)
{
	char self[PATH_MAX], path[PATH_MAX + 4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *before = getenv("PATH");

	if (n < 1)
		return;
	self[n] = '\0';
	snprintf(path, sizeof(path), "%s:%s", dirname(self), before ? before : "/usr/sbin:/usr/bin:/sbin:/bin");
	setenv("PATH", path, 1);
}

int cli_lab_become(const char *name, char **command)
{
	int err;

	add_path();
	setenv("TCPMSS_LAB", name, 1);
	execvp(command[0], command);
	err = errno;
	fprintf(stderr, "tcpmss: running %s: %s\n", command[0], strerror(err));
	return err == ENOENT ? 127 : 126;
}
