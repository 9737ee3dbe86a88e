/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss check FILE
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "config-file.h"
#include "lib/json.h"

static const char help[] = "usage: tcpmss check [-v | -j] FILE\n\n"
			   "Reads a configuration (tcpmss.conf(5)) and tells all that is wrong with it, with\n"
			   "file, line and word. Changes nothing and needs no privilege. Exit status 3 where\n"
			   "something is wrong.\n\n"
			   "  -v, --verbose  print what is in force, with all defaults, as such a file\n"
			   "  -j, --json     one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss check /etc/tcpmss.conf\n"
			   "  tcpmss check -v new.conf | diff - <(tcpmss check -v old.conf)\n";

static const struct option long_options[] = {
	{ "verbose", no_argument, NULL, 'v' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int print_json(const struct tm_config_errors *errors)
{
	json_t *list = json_array();

	for (size_t i = 0; i < errors->count; i++) {
		const struct tm_config_error *e = &errors->list[i];

		json_array_append_new(list,
				      json_pack("{s:o, s:o, s:o, s:s}", "file", tm_json_name(e->file), "line",
						e->line ? json_integer(e->line) : json_null(), "word",
						e->word ? json_string(e->word) : json_null(), "message", e->message));
	}
	return cli_print_json(
		json_pack("{s:i, s:b, s:o}", "schema_version", 1, "valid", !errors->count, "errors", list));
}

static int print_text(const struct tm_config *config)
{
	char *text = tm_config_text(config);

	if (!text)
		return cli_config_failed(-ENOMEM, NULL);
	fputs(text, stdout);
	free(text);
	return cli_flush();
}

static int run(const char *file, bool verbose, bool json)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config config;
	int err = tm_config_read(&config, file, &errors), status = CLI_OK;

	if (json && err != -ENOMEM) {
		status = print_json(&errors);
		if (!status && err)
			status = CLI_CONFIG;
	} else if (err) {
		status = cli_config_failed(err, &errors);
	} else if (verbose) {
		status = print_text(&config);
	}
	tm_config_errors_free(&errors);
	tm_config_free(&config);
	return status;
}

int cli_check(int argc, char **argv)
{
	bool verbose = false, json = false;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":vjh", long_options, NULL)) != -1) {
		if (opt == 'v') {
			verbose = true;
		} else if (opt == 'j') {
			json = true;
		} else if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		} else {
			return cli_bad_option("check", argv, opt);
		}
	}
	if (argc - optind != 1)
		return cli_usage("check", optind == argc ? "no file named" : "'%s': one file only", argv[argc - 1]);
	if (verbose && json)
		return cli_usage("check", "-v prints a configuration, -j a JSON document: one of them only");
	return run(argv[optind], verbose, json);
}
