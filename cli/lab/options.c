/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"

static const struct option long_options[] = {
	{ "name", required_argument, NULL, 'n' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "mtu", required_argument, NULL, 'c' },
	{ "raise-mss", required_argument, NULL, 'c' },
	{ "narrow", required_argument, NULL, 'c' },
	{ "blackhole", optional_argument, NULL, 'c' },
	{ "offload", required_argument, NULL, 'c' },
	{ "gro", required_argument, NULL, 'c' },
	{ "bare", optional_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* A choice, by the option's name. */
struct chosen {
	const char *key, *value;
};

#define MOST 16

static bool set_network(struct cli_lab_options *o, const char *verb, const char *word, const struct chosen *chosen,
			size_t count, int *status)
{
	struct tm_error e;

	if (!tm_lab_network_find(word, &o->network)) {
		*status = cli_usage(verb, "'%.40s' is no network: gateway, path, proxy, wire, flood or bridge", word);
		return false;
	}
	tm_lab_defaults(&o->choice, o->network);
	for (size_t i = 0; i < count; i++)
		if (tm_lab_choose(&o->choice, o->network, chosen[i].key, chosen[i].value, &e)) {
			*status = cli_usage(verb, "%s", e.text);
			return false;
		}
	return true;
}

bool cli_lab_options(const char *verb, const char *help, int argc, char **argv, struct cli_lab_options *o, int *status)
{
	struct chosen chosen[MOST];
	const char *name = cli_lab_name(), *word = NULL;
	struct tm_error e;
	size_t count = 0;
	int opt, which;

	*o = (struct cli_lab_options){ .named = strcmp(name, TM_LAB_DEFAULT) };
	opterr = 0;
	while (!word || argc > optind) {
		/* the network may stand before its options; behind it and them comes the command of run */
		opt = getopt_long(argc, argv, "+:n:qh", long_options, &which);
		if (opt == -1) {
			if (word || optind >= argc || !strcmp(argv[optind - 1], "--"))
				break;
			word = argv[optind++];
			continue;
		}
		switch (opt) {
		case 'n':
			o->named = true;
			name = optarg;
			break;
		case 'q':
			o->quiet = true;
			break;
		case 'c':
			if (count == MOST) {
				*status = cli_usage(verb, "too many options");
				return false;
			}
			chosen[count++] = (struct chosen){ long_options[which].name, optarg };
			break;
		case 'h':
			fputs(help, stdout);
			*status = cli_flush();
			return false;
		default:
			*status = cli_bad_option(verb, argv, opt);
			return false;
		}
	}
	if (tm_lab_name_check(name, &e)) {
		*status = cli_usage(verb, "%s", e.text);
		return false;
	}
	snprintf(o->name, sizeof(o->name), "%s", name);
	if (!word) {
		*status = cli_usage(verb, "which network: gateway, path, proxy, wire, flood or bridge?");
		return false;
	}
	return set_network(o, verb, word, chosen, count, status);
}

static volatile bool stop;

static void on_signal(int number)
{
	stop = true;
}

const volatile bool *cli_lab_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	return &stop;
}
