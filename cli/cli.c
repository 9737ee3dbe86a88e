/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int cli_usage(const char *verb, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "tcpmss %s: ", verb);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, " (see tcpmss %s --help)\n", verb);
	return CLI_USAGE;
}

int cli_bad_option(const char *verb, char **argv, int answer)
{
	if (answer == ':')
		return cli_usage(verb, "option '%s' needs a value", argv[optind - 1]);
	if (optopt > ' ' && optopt < 0x7f)
		return cli_usage(verb, "unknown option '-%c'", optopt);
	return cli_usage(verb, "unknown option, or one that takes no value: '%s'", argv[optind - 1]);
}

bool cli_only_json(const char *verb, const char *help, int argc, char **argv, bool *json, int *status)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int opt;

	*json = false;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jh", long_options, NULL)) != -1) {
		if (opt == 'j') {
			*json = true;
			continue;
		}
		if (opt == 'h')
			fputs(help, stdout);
		*status = opt == 'h' ? cli_flush() : cli_bad_option(verb, argv, opt);
		return false;
	}
	return true;
}

bool cli_one_or_all(const char *verb, const char *help, const char *what, int argc, char **argv, const char **argument,
		    int *status)
{
	static const struct option long_options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool all = false;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		if (opt == 'a') {
			all = true;
			continue;
		}
		if (opt == 'h')
			fputs(help, stdout);
		*status = opt == 'h' ? cli_flush() : cli_bad_option(verb, argv, opt);
		return false;
	}
	*argument = all ? NULL : argv[optind];
	if (all + argc - optind == 1)
		return true;
	*status = cli_usage(verb, "needs one %s, or --all", what);
	return false;
}

int cli_fail(int err, const struct tm_error *e)
{
	fprintf(stderr, "tcpmss: %s\n", e->text);
	switch (err) {
	case -EINVAL:
		return CLI_USAGE;
	case -EPERM:
	case -EACCES:
		return CLI_PRIVILEGE;
	case -EOPNOTSUPP:
	case -ENOSYS:
		return CLI_UNSUPPORTED;
	}
	return CLI_FAILED;
}

int cli_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return CLI_OK;
	fprintf(stderr, "tcpmss: writing the output: %s\n", strerror(errno));
	return CLI_FAILED;
}

static int no_memory(void)
{
	fprintf(stderr, "tcpmss: out of memory\n");
	return CLI_FAILED;
}

int cli_print_json(json_t *document)
{
	if (!document)
		return no_memory();
	json_dumpf(document, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(document);
	return cli_flush();
}

int cli_print_text(json_t *document, int (*print)(const json_t *document))
{
	int status;

	if (!document)
		return no_memory();
	status = print(document);
	json_decref(document);
	return status;
}

const char *cli_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

json_int_t cli_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}
