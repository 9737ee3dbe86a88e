/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verbs of tcpmss(8), and what they share.
 */
#ifndef CLI_H
#define CLI_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/error.h"

enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_CONFIG = 3,
	CLI_PRIVILEGE = 4,
	CLI_UNSUPPORTED = 5,
	CLI_NO_DAEMON = 6,
	CLI_FAULT_FOUND = 10,
};

struct cli_verb {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the verb; returns an enum cli_exit */
	const char *help; /* one line */
};

int cli_attach(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_confirm(int argc, char **argv);
int cli_detach(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_lab(int argc, char **argv);
int cli_msg(int argc, char **argv);
int cli_pmtu(int argc, char **argv);
int cli_protect(int argc, char **argv);
int cli_reload(int argc, char **argv);
int cli_rewrite(int argc, char **argv);
int cli_show(int argc, char **argv);
int cli_stats(int argc, char **argv);
int cli_tproxy(int argc, char **argv);
int cli_undo(int argc, char **argv);
int cli_watch(int argc, char **argv);

/* Prints "tcpmss VERB: …" on standard error and returns CLI_USAGE. */
int cli_usage(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * For what getopt_long() answers with '?' or ':' (opterr 0, and ':' in front of the short options): names the option that is unknown or
 * lacks its value, and returns CLI_USAGE.
 */
int cli_bad_option(const char *verb, char **argv, int answer);

/*
 * Reads the options of a verb that has only -j and --help; arguments begin at optind then. False: *status is the verb's exit status,
 * the help was asked for or an option is unknown.
 */
bool cli_only_json(const char *verb, const char *help, int argc, char **argv, bool *json, int *status);

/*
 * The same for a verb that takes one argument, told as `what`, or --all: *argument is it, or NULL for all.
 */
bool cli_one_or_all(const char *verb, const char *help, const char *what, int argc, char **argv, const char **argument,
		    int *status);

/* Prints "tcpmss: …" on standard error; the exit status that a −errno stands for. */
int cli_fail(int err, const struct tm_error *e);

/* Prints a document and a line end on standard output and frees it. CLI_FAILED, told, where it cannot be written. */
int cli_print_json(json_t *document);

/* The same for people: `print` writes it as text, and returns what cli_flush() does. */
int cli_print_text(json_t *document, int (*print)(const json_t *document));

/* A text or number of a document; "" and 0 where it has none of that name. */
const char *cli_text(const json_t *object, const char *key);
json_int_t cli_number(const json_t *object, const char *key);

/* Flushes standard output. CLI_FAILED, told, where something could not be written. */
int cli_flush(void);

#endif
