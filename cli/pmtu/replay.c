/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss pmtu replay: the path-MTU engine over the events of a script, or all of learning over the packets of a capture.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cli/cli.h"
#include "capture.h"
#include "lines.h"
#include "pmtu.h"

static const char verb[] = "pmtu replay";

static const char help[] =
	"usage: tcpmss pmtu replay [options] FILE\n\n"
	"What a gateway would have learned from FILE ('-': standard input): a capture (pcap,\n"
	"pcapng), or a script of events for the engine alone. One event a line, '#' begins a comment; TIME in seconds:\n"
	"  TIME start DST first-hop MTU [mss N] [tag T]\n"
	"  TIME ptb DST MTU [len TL] [ihl N] [tag T]    a believed packet-too-big message\n"
	"  TIME tick                                    time passes to TIME\n"
	"  TIME syn SRC DST mss N|none [tag T]          what the clamp would write\n"
	"  TIME static DST MTU [tag T]    TIME delete DST [tag T]\n"
	"  TIME disable    TIME enable    TIME aging MINUTES\n\n"
	"  --aging N          minutes until a path is tried larger, 10 to 30 (10); --no-aging: never\n"
	"  --old-router M     PTBs with MTU 0: seed (the default), rfc1191 or off\n"
	"  --raise M          step by step: plateau (the default), or to the ceiling at once: jump\n"
	"  --symmetric        clamp by the path towards the destination, too\n"
	"  --table LIST       other common MTUs than RFC 1191's, rising: 296,576,1492\n"
	"  -j, --json         a JSON document a line\n\n"
	"Examples:\n"
	"  tcpmss pmtu replay slow.pcapng\n"
	"  printf '0 start 192.0.2.1 first-hop 1500\\n0 ptb 192.0.2.1 1400\\n600 tick\\n' |\n"
	"      tcpmss pmtu replay -\n";

struct replay {
	struct tm_pmtu_options options;
	uint16_t table[TM_TABLE_MAX];
	bool aging_told;
	bool json;
	const char *file;
};

enum { OPT_AGING = 256, OPT_NO_AGING, OPT_OLD_ROUTER, OPT_RAISE, OPT_SYMMETRIC, OPT_TABLE };

static const struct option long_options[] = {
	{ "aging", required_argument, NULL, OPT_AGING },
	{ "no-aging", no_argument, NULL, OPT_NO_AGING },
	{ "old-router", required_argument, NULL, OPT_OLD_ROUTER },
	{ "raise", required_argument, NULL, OPT_RAISE },
	{ "symmetric", no_argument, NULL, OPT_SYMMETRIC },
	{ "table", required_argument, NULL, OPT_TABLE },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int take_aging(struct replay *r, const char *word)
{
	unsigned minutes;

	if (!tm_number(word, TM_PMTU_AGING_MIN, TM_PMTU_AGING_MAX, &minutes))
		return cli_usage(verb, "--aging '%s': it is a number of minutes from %d to %d, or --no-aging", word,
				 TM_PMTU_AGING_MIN, TM_PMTU_AGING_MAX);
	if (r->aging_told && !r->options.aging_s)
		return cli_usage(verb, "--aging contradicts --no-aging; keep one of them");
	r->options.aging_s = minutes * 60;
	r->aging_told = true;
	return CLI_OK;
}

static int take_no_aging(struct replay *r)
{
	if (r->aging_told && r->options.aging_s)
		return cli_usage(verb, "--no-aging contradicts --aging; keep one of them");
	r->options.aging_s = 0;
	r->aging_told = true;
	return CLI_OK;
}

static int take_old_router(struct replay *r, const char *word)
{
	for (int i = TM_OLD_ROUTER_SEED; i <= TM_OLD_ROUTER_OFF; i++) {
		if (strcmp(word, tm_old_router_name(i)))
			continue;
		r->options.old_router = i;
		return CLI_OK;
	}
	return cli_usage(verb, "--old-router '%s': it is seed, rfc1191 or off", word);
}

static int take_raise(struct replay *r, const char *word)
{
	for (int i = TM_RAISE_PLATEAU; i <= TM_RAISE_JUMP; i++) {
		if (strcmp(word, tm_raise_name(i)))
			continue;
		r->options.raise = i;
		return CLI_OK;
	}
	return cli_usage(verb, "--raise '%s': it is plateau or jump", word);
}

static int take_table(struct replay *r, const char *list)
{
	unsigned count;

	if (!tm_config_table(r->table, &count, list))
		return cli_usage(verb,
				 "--table '%s': it is a list of 1 to %d rising MTUs from %d to %d, as 296,576,1492",
				 list, TM_TABLE_MAX, TM_TABLE_MIN, TM_MTU_MAX);
	r->options.table = r->table;
	r->options.table_length = count;
	return CLI_OK;
}

static int take_option(struct replay *r, int opt, const char *word)
{
	switch (opt) {
	case OPT_AGING:
		return take_aging(r, word);
	case OPT_NO_AGING:
		return take_no_aging(r);
	case OPT_OLD_ROUTER:
		return take_old_router(r, word);
	case OPT_RAISE:
		return take_raise(r, word);
	case OPT_SYMMETRIC:
		r->options.symmetric = true;
		return CLI_OK;
	case OPT_TABLE:
		return take_table(r, word);
	}
	r->json = true;
	return CLI_OK;
}

/* CLI_OK with r filled, or what to exit with; -1 where help was asked for. */
static int parse(struct replay *r, int argc, char **argv)
{
	int opt, status = CLI_OK;

	opterr = 0;
	optind = 0; /* the words of another verb were read before */
	while (!status && (opt = getopt_long(argc, argv, ":jh", long_options, NULL)) != -1) {
		if (opt == 'h')
			return -1;
		status = opt == '?' || opt == ':' ? cli_bad_option(verb, argv, opt) : take_option(r, opt, optarg);
	}
	if (status)
		return status;
	if (argc - optind != 1)
		return cli_usage(verb, "%d names of files; it takes one, '-' for standard input", argc - optind);
	r->file = argv[optind];
	if (!strcmp(r->file, "-") && isatty(STDIN_FILENO))
		return cli_usage(verb, "standard input is a terminal; name a script");
	return CLI_OK;
}

static int failure(const char *name, const char *why)
{
	fprintf(stderr, "tcpmss %s: %s: %s\n", verb, name, why);
	return CLI_FAILED;
}

static void print_answer(void *ctx, const struct tm_script_answer *answer)
{
	const struct replay *r = ctx;

	cli_pmtu_line(answer, r->json);
}

/* Each line, until one is bad. */
static int run_lines(struct tm_script *script, FILE *f, const char *name)
{
	unsigned long number = 0;
	char *line = NULL;
	struct tm_error e;
	size_t room = 0;
	ssize_t len;
	int err = 0, status = CLI_OK;

	while (!err && (len = getline(&line, &room, f)) >= 0) {
		number++;
		if (len && line[len - 1] == '\n')
			line[--len] = '\0';
		if (strlen(line) != (size_t)len)
			err = tm_error(&e, "a NUL byte is in it; this is no script");
		else
			err = tm_script_run(script, line, &e);
	}
	if (err == -ENOMEM) {
		status = failure(name, e.text);
	} else if (err) {
		fflush(stdout); /* what was good comes before what is told of the bad line */
		fprintf(stderr, "tcpmss %s: %s:%lu: %s\n", verb, name, number, e.text);
		status = CLI_CONFIG;
	} else if (ferror(f)) {
		status = failure(name, strerror(errno));
	}
	free(line);
	return status;
}

static int run(struct replay *r)
{
	bool is_stdin = !strcmp(r->file, "-");
	const char *name = is_stdin ? "standard input" : r->file;
	FILE *f = is_stdin ? stdin : fopen(r->file, "re");
	struct tm_script *script = NULL;
	uint8_t seed[16];
	int status;

	if (!f)
		return failure(name, strerror(errno));
	if (cli_pmtu_is_capture(f)) {
		status = cli_pmtu_capture(f, name, &r->options, r->json);
		goto out;
	}
	if (getrandom(seed, sizeof(seed), 0) == sizeof(seed))
		script = tm_script_new(&r->options, seed, TM_ENTRIES_MAX, print_answer, r);
	status = script ? run_lines(script, f, name) : failure(name, "out of memory");
out:
	if (cli_flush() && !status)
		status = CLI_FAILED;
	tm_script_free(script);
	if (!is_stdin)
		fclose(f);
	return status;
}

int cli_pmtu_replay(int argc, char **argv)
{
	struct replay r = { .options = tm_pmtu_default_options };
	int status = parse(&r, argc, argv);

	if (status < 0) {
		fputs(help, stdout);
		return cli_flush();
	}
	return status ? status : run(&r);
}
