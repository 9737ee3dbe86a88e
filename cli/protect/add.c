/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss protect add: the options become a block of tcpmss.conf(5), so that there is one reader and one set of errors.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/config-file.h"
#include "protect.h"
#include "conflicts.h"
#include "cli/source.h"

static const char help[] = "usage: tcpmss protect add NAME --servers P[,P…] --ports N[,N…] --device DEV[,DEV…]\n"
			   "                          [--mode M] [--high N] [--low N] [--accelerator A] …\n\n"
			   "The running tcpmssd protects these servers from now on, until it stops; for good they\n"
			   "belong into its file, as the same words in a block 'protect'.\n\n"
			   "  --servers P[,P…]     addresses and prefixes, IPv4 and IPv6\n"
			   "  --ports N[,N…]       their TCP ports, ranges like 8000-8100, or all\n"
			   "  --device DEV[,DEV…]  where clients come in\n"
			   "  --mode M             adaptive (the default): only while there are too many half-open\n"
			   "                       connections; always; off\n"
			   "  --high N, --low N    half-open connections that arm and disarm it\n"
			   "  --accelerator A      what answers: tc (the default), xdp, none (the kernel's SYNPROXY)\n"
			   "  --server-device DEV[,DEV…]  where the servers are, in place of what the routes say\n"
			   "  --mss N, --wscale N  what clients are told, in place of what servers announce\n\n"
			   "Examples:\n"
			   "  tcpmss protect add web --servers 10.0.2.0/24 --ports 80,443 --device eth0\n"
			   "  tcpmss protect add mail --servers 2001:db8::25 --ports 25 --device eth0 --mode always\n";

/* Option and setting have the same name. */
static const struct option long_options[] = {
	{ "servers", required_argument, NULL, 0 }, { "ports", required_argument, NULL, 0 },
	{ "device", required_argument, NULL, 0 },  { "server-device", required_argument, NULL, 0 },
	{ "mode", required_argument, NULL, 0 },	   { "accelerator", required_argument, NULL, 0 },
	{ "high", required_argument, NULL, 0 },	   { "low", required_argument, NULL, 0 },
	{ "mss", required_argument, NULL, 0 },	   { "wscale", required_argument, NULL, 0 },
	{ "help", no_argument, NULL, 'h' },	   { 0 },
};

#define LISTS 4 /* of these, the first have several values */
#define SETTINGS (sizeof(long_options) / sizeof(*long_options) - 2)

static void put_quoted(FILE *f, const char *word, size_t len)
{
	fputc('"', f);
	for (; len; word++, len--) {
		if (*word == '"' || *word == '\\' || *word == '$')
			fputc('\\', f);
		fputc(*word, f);
	}
	fputc('"', f);
}

/* On one line, whatever the value is: an error's line then tells which option it is of. */
static void put_setting(FILE *f, size_t setting, const char *value)
{
	size_t len;

	fprintf(f, "%s = ", long_options[setting].name);
	if (setting >= LISTS) {
		put_quoted(f, value, strlen(value));
		fputc('\n', f);
		return;
	}
	for (const char *before = "{ ";; before = ", ") {
		len = strcspn(value, ",");
		fputs(before, f);
		put_quoted(f, value, len);
		if (!value[len])
			break;
		value += len + 1;
	}
	fputs(" }\n", f);
}

/* The block; line N + 2 is setting N. For free(); NULL without memory. */
static char *block_text(const char *name, char *const values[SETTINGS])
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs("protect ", f);
	put_quoted(f, name, strlen(name));
	fputs(" {\n", f);
	for (size_t i = 0; i < SETTINGS; i++) {
		if (values[i])
			put_setting(f, i, values[i]);
		else
			fputc('\n', f);
	}
	fputs("}\n", f);
	return fclose(f) ? NULL : text;
}

/* All that is wrong, by option. */
static int wrong(const struct tm_config_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++) {
		const struct tm_config_error *e = &errors->list[i];
		size_t setting = e->line - 2;

		fputs("tcpmss protect add: ", stderr);
		if (e->line >= 2 && setting < SETTINGS)
			fprintf(stderr, "--%s: ", long_options[setting].name);
		if (e->word)
			fprintf(stderr, "'%s': ", e->word);
		fprintf(stderr, "%s\n", e->message);
	}
	return CLI_USAGE;
}

static int run(const char *name, char *const values[SETTINGS])
{
	struct tm_config_errors errors = { 0 };
	struct tm_config config = { 0 };
	char *text = block_text(name, values);
	int fd = -1, err = text ? tm_config_parse(&config, "protect add", text, strlen(text), &errors) : -ENOMEM;
	int status;

	if (err)
		status = err == -EINVAL ? wrong(&errors) : cli_config_failed(err, &errors);
	else
		status = cli_protect_conflicts(&config);
	if (!status)
		status = cli_config_seal(&config, &fd);
	if (!status)
		status = cli_ask(json_pack("{s:s}", "verb", "protect-add"), fd);
	if (!status)
		fprintf(stderr,
			"tcpmss: %s is protected until tcpmssd stops; a block 'protect' in its file is for good\n",
			name);
	if (fd >= 0)
		close(fd);
	free(text);
	tm_config_errors_free(&errors);
	tm_config_free(&config);
	return status;
}

int cli_protect_add(int argc, char **argv)
{
	static const struct {
		size_t setting;
		const char *like;
	} needed[] = { { 0, "10.0.2.0/24" }, { 1, "80,443" }, { 2, "eth0" } };
	char *values[SETTINGS] = { 0 };
	struct tm_error e;
	int opt, i;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", long_options, &i)) != -1) {
		if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		}
		if (opt)
			return cli_bad_option("protect add", argv, opt);
		if (values[i])
			return cli_usage("protect add", "--%s: given twice", long_options[i].name);
		if (strpbrk(optarg, "\n\r"))
			return cli_usage("protect add", "--%s: a value is one line", long_options[i].name);
		values[i] = optarg;
	}
	if (argc - optind != 1)
		return cli_usage("protect add", argc > optind ? "'%s': one name only" : "needs a name",
				 argc > optind ? argv[optind + 1] : "");
	if (tm_hook_name_check(argv[optind], &e))
		return cli_usage("protect add",
				 "'%s': a name has 1 to %d letters, digits or any of -_:@+. and no dot in front",
				 argv[optind], TM_HOOK_NAME - 1);
	for (size_t n = 0; n < sizeof(needed) / sizeof(*needed); n++)
		if (!values[needed[n].setting])
			return cli_usage("protect add", "needs --%s, as in '--%s %s'",
					 long_options[needed[n].setting].name, long_options[needed[n].setting].name,
					 needed[n].like);
	return run(argv[optind], values);
}
