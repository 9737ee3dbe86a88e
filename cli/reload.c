/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss reload [--confirm SECONDS] [FILE], tcpmss confirm, tcpmss undo
 */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "config-file.h"
#include "cli/protect/conflicts.h"
#include "source.h"

#define CONFIRM_MAX 86400

static const char reload_help[] =
	"usage: tcpmss reload [--confirm SECONDS] [FILE]\n\n"
	"Puts another configuration in force in the running tcpmssd: FILE, or the daemon's own\n"
	"file read again. All is checked first; where something is wrong, nothing changes.\n"
	"Counters stay.\n\n"
	"  --confirm SECONDS  the daemon goes back by itself unless 'tcpmss confirm' comes;\n"
	"                     for whoever works through the link that he changes\n\n"
	"Examples:\n"
	"  tcpmss reload\n"
	"  tcpmss reload --confirm 60 new.conf && tcpmss confirm\n";

static const char confirm_help[] = "usage: tcpmss confirm\n\n"
				   "Keeps the configuration that 'tcpmss reload --confirm' has put in force.\n\n"
				   "Examples:\n"
				   "  tcpmss confirm\n"
				   "  tcpmss reload --confirm 60 new.conf && ping -c 3 gateway && tcpmss confirm\n";

static const char undo_help[] = "usage: tcpmss undo\n\n"
				"Goes back at once from the configuration that 'tcpmss reload --confirm' has put\n"
				"in force.\n\n"
				"Examples:\n"
				"  tcpmss undo\n"
				"  tcpmss reload --confirm 60 new.conf; tcpmss doctor || tcpmss undo\n";

static const struct option long_options[] = {
	{ "confirm", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* The file as text that means the same everywhere. CLI_OK and the descriptor, or what to exit with, told. */
static int read_file(const char *file, int *fd)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config config;
	int err = tm_config_read(&config, file, &errors), status = err ? cli_config_failed(err, &errors) : CLI_OK;

	if (!err)
		status = cli_protect_conflicts(&config);
	if (!status)
		status = cli_config_seal(&config, fd);
	tm_config_errors_free(&errors);
	tm_config_free(&config);
	return status;
}

/* The daemon reads its own file itself. As far as this process can, it looks for what is in the way of what that says. */
static int look_at_daemons_file(void)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config config = { 0 };
	json_t *hello;
	int status = cli_ask_document(json_pack("{s:s}", "verb", "hello"), &hello);

	if (!status && !tm_config_read(&config, cli_text(hello, "file"), &errors))
		status = cli_protect_conflicts(&config);
	tm_config_errors_free(&errors);
	tm_config_free(&config);
	json_decref(hello);
	return status;
}

static int run(const char *file, unsigned confirm)
{
	json_t *request = json_pack("{s:s}", "verb", "reload");
	int fd = -1, status = file ? read_file(file, &fd) : look_at_daemons_file();

	if (confirm)
		json_object_set_new(request, "confirm", json_integer(confirm));
	if (status)
		json_decref(request);
	else
		status = cli_ask(request, fd);
	if (fd >= 0)
		close(fd);
	if (!status && confirm)
		fprintf(stderr, "in force for %u seconds: 'tcpmss confirm' keeps it, 'tcpmss undo' goes back at once\n",
			confirm);
	return status;
}

int cli_reload(int argc, char **argv)
{
	unsigned confirm = 0;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		if (opt == 'c') {
			if (!tm_number(optarg, 1, CONFIRM_MAX, &confirm))
				return cli_usage("reload", "--confirm %s: not a number of seconds from 1 to %d", optarg,
						 CONFIRM_MAX);
		} else if (opt == 'h') {
			fputs(reload_help, stdout);
			return cli_flush();
		} else {
			return cli_bad_option("reload", argv, opt);
		}
	}
	if (argc - optind > 1)
		return cli_usage("reload", "'%s': one file only", argv[optind + 1]);
	return run(argv[optind], confirm);
}

static int simple(int argc, char **argv, const char *help)
{
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", long_options + 1, NULL)) != -1) {
		if (opt != 'h')
			return cli_bad_option(argv[0], argv, opt);
		fputs(help, stdout);
		return cli_flush();
	}
	if (optind < argc)
		return cli_usage(argv[0], "'%s': takes no argument", argv[optind]);
	return cli_ask(json_pack("{s:s}", "verb", argv[0]), -1);
}

int cli_confirm(int argc, char **argv)
{
	return simple(argc, argv, confirm_help);
}

int cli_undo(int argc, char **argv)
{
	return simple(argc, argv, undo_help);
}
