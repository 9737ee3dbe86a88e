/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss msg HOOK MESSAGE
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "io/hook-rules.h"
#include "io/hook.h"
#include "lib/ngctl.h"

static const char help[] = "usage: tcpmss msg HOOK MESSAGE\n\n"
			   "The messages of ng_tcpmss(4), in the notation of ngctl(8):\n"
			   "  config '{ inHook=\"HOOK\" outHook=\"HOOK\" maxMSS=N }'\n"
			   "                         a fixed MSS; 0 takes it away. Other limits stay\n"
			   "  getstats '\"HOOK\"'      the counters; fields that are zero are left out\n"
			   "  clrstats '\"HOOK\"'      clears them\n"
			   "  getclrstats '\"HOOK\"'   both at once: what passes in between is in the next read\n\n"
			   "Examples:\n"
			   "  tcpmss msg wan config '{ inHook=\"wan\" outHook=\"wan\" maxMSS=1452 }'\n"
			   "  tcpmss msg wan getclrstats '\"wan\"'\n";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* The message may come in several arguments, as ngctl(8) takes it. For free(). */
static char *join(int count, char **words)
{
	size_t size = 1;
	char *text;

	for (int i = 0; i < count; i++)
		size += strlen(words[i]) + 1;
	text = calloc(1, size);
	for (int i = 0, n = 0; text && i < count; i++)
		n += sprintf(text + n, "%s%s", i ? " " : "", words[i]);
	return text;
}

/* A hook of ours is a node with one hook of the same name. */
static int check_names(const char *hook, const struct tm_ng_message *m, struct tm_error *e)
{
	if (m->command == TM_NG_CONFIG && strcmp(m->in, m->out))
		return tm_error_code(
			e, -EOPNOTSUPP,
			"inHook '%s' and outHook '%s': this tcpmss sends packets on where they were going, so both must be '%s'",
			m->in, m->out, hook);
	if (strcmp(m->in, hook))
		return tm_error_code(e, -ENOENT, "'%s' has no hook '%s': its one hook is called as it is, \"%s\"", hook,
				     m->in, hook);
	return 0;
}

static int run(const char *hook, const struct tm_ng_message *m)
{
	static const enum io_stats what[] = {
		[TM_NG_GETSTATS] = IO_STATS_GET,
		[TM_NG_CLRSTATS] = IO_STATS_CLEAR,
		[TM_NG_GETCLRSTATS] = IO_STATS_GETCLEAR,
	};
	struct tm_hook_counters counters;
	char answer[TM_NG_ANSWER];
	struct pk_hook limits;
	struct tm_error e;
	int err = check_names(hook, m, &e);

	if (!err && m->command == TM_NG_CONFIG)
		err = io_hook_set_mss(hook, m->mss, &e);
	else if (!err)
		err = io_hook_limits(hook, &limits, &e) ?: io_hook_stats(hook, what[m->command], &counters, &e);
	if (err)
		return cli_fail(err, &e);
	if (m->command == TM_NG_CONFIG || m->command == TM_NG_CLRSTATS)
		return CLI_OK;
	tm_ng_stats_text(answer, &counters.total, limits.mss);
	puts(answer);
	return cli_flush();
}

int cli_msg(int argc, char **argv)
{
	struct tm_ng_message m;
	struct tm_error e;
	char *text;
	int opt, err;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		if (opt != 'h')
			return cli_bad_option("msg", argv, opt);
		fputs(help, stdout);
		return cli_flush();
	}
	if (argc - optind < 2)
		return cli_usage("msg", optind == argc ? "no hook named" : "no message to '%s'", argv[argc - 1]);
	text = join(argc - optind - 1, argv + optind + 1);
	err = text ? tm_ng_parse(&m, text, &e) : tm_error_code(&e, -ENOMEM, "out of memory");
	free(text);
	if (err == -EINVAL)
		return cli_usage("msg", "%s", e.text);
	return err ? cli_fail(err, &e) : run(argv[optind], &m);
}
