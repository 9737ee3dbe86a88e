/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss lab status
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/lab/lab.h"
#include "lab.h"
#include "lib/json.h"
#include "lib/lab/json.h"

static const char help[] = "usage: tcpmss lab status [--name NAME] [-j]\n\n"
			   "Draws the labs that are up, with the processes that run in them.\n\n"
			   "  -n, --name NAME  only this one\n"
			   "  -j, --json       one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss lab status\n"
			   "  tcpmss lab status -j | jq '.labs[].hosts[].namespace'\n";

static const struct option long_options[] = {
	{ "name", required_argument, NULL, 'n' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static bool add_process(void *ctx, const char *name, pid_t pid, const char *command)
{
	json_t *hosts = json_object_get(ctx, "hosts"), *host;
	size_t i;

	json_array_foreach(hosts, i, host)
	{
		if (!strcmp(cli_text(host, "name"), name))
			json_array_append_new(json_object_get(host, "processes"),
					      json_pack("{s:i, s:o}", "pid", (int)pid, "command",
							tm_json_name(command)));
	}
	return true;
}

/* A rest of a lab is told by its name only. */
static int add_lab(json_t *labs, const char *name, struct tm_error *e)
{
	struct tm_lab lab;
	bool ready;
	int err = io_lab_find(name, &lab, &ready, e);
	json_t *one;

	if (err && err != -EPROTO)
		return err;
	one = err ? json_pack("{s:s, s:b}", "name", name, "ready", 0) : tm_lab_json(&lab, ready);
	if (one && !err)
		io_lab_processes(name, add_process, one);
	json_array_append_new(labs, one);
	return 0;
}

static int print(const json_t *document)
{
	const json_t *labs = json_object_get(document, "labs"), *lab;
	int status = CLI_OK;
	size_t i;

	if (!json_array_size(labs))
		puts("no lab is up: 'tcpmss lab up' makes one");
	json_array_foreach(labs, i, lab)
	{
		if (i)
			putchar('\n');
		status = cli_lab_draw(lab);
	}
	return status ? status : cli_flush();
}

/* Of one lab, or of all with `name` NULL. */
static int status_of(const char *name, bool json)
{
	json_t *labs = json_array(), *document = json_pack("{s:i, s:o}", "schema_version", 1, "labs", labs);
	char(*names)[TM_LAB_NAME] = NULL;
	struct tm_error e;
	int count = 0, err = 0;

	if (name) {
		err = add_lab(labs, name, &e);
	} else {
		count = io_lab_list(&names, &e);
		err = count < 0 ? count : 0;
		for (int i = 0; !err && i < count; i++) {
			err = add_lab(labs, names[i], &e);
			if (err == -ENOENT)
				err = 0; /* gone meanwhile */
		}
		if (count >= 0)
			free(names);
	}
	if (err) {
		json_decref(document);
		return cli_fail(err, &e);
	}
	return json ? cli_print_json(document) : cli_print_text(document, print);
}

int cli_lab_status(int argc, char **argv)
{
	const char *name = NULL;
	bool json = false;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":n:jh", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		}
		if (opt == 'n' && !cli_lab_name_take("lab status", optarg, &name))
			return CLI_USAGE;
		if (opt != 'n' && opt != 'j')
			return cli_bad_option("lab status", argv, opt);
		json |= opt == 'j';
	}
	if (optind < argc)
		return cli_usage("lab status", "'%s': a lab is named with --name", argv[optind]);
	return status_of(name, json);
}
