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
#include "io/hook/rules.h"
#include "io/hook/hook.h"
#include "lib/ngctl.h"

static const char help[] = "usage: tcpmss msg HOOK MESSAGE\n\n"
			   "The messages of ng_tcpmss(4), in the notation of ngctl(8):\n"
			   "  config '{ inHook=\"HOOK\" outHook=\"HOOK\" maxMSS=N }'\n"
			   "                         a fixed MSS; 0 takes it away. Other limits stay\n"
			   "  config '{ inHook=\"DEV\" outHook=\"DEV2\" maxMSS=N }'\n"
			   "                         of a wire, for what comes in on DEV\n"
			   "  getstats '\"HOOK\"'      the counters; fields that are zero are left out\n"
			   "  clrstats '\"HOOK\"'      clears them\n"
			   "  getclrstats '\"HOOK\"'   both at once: what passes in between is in the next read\n\n"
			   "The two hooks of a wire are called as its devices are.\n\n"
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

/*
 * A hook of ours as a node of netgraph. On one device it is a node with one hook, called like itself. A wire is a node with two,
 * called like its devices, and each has a maxMSS and statistics for what comes in there.
 */
struct node {
	bool wire;
	char hooks[TM_DIRECTIONS][TM_HOOK_NAME];
};

static int find_node(struct node *node, const char *name, struct tm_error *e)
{
	struct io_hook hook;
	int err = io_hook_open(&hook, name, e);

	if (err)
		return err;
	node->wire = io_mode_is_wire(hook.meta.mode);
	snprintf(node->hooks[TM_IN], TM_HOOK_NAME, "%s", node->wire ? hook.meta.device : name);
	snprintf(node->hooks[TM_OUT], TM_HOOK_NAME, "%s", node->wire ? hook.meta.peer : name);
	io_hook_close(&hook);
	return 0;
}

/* Which of the node's hooks is meant; the other one is where packets go on. */
static int check_names(const char *name, const struct node *node, const struct tm_ng_message *m, enum tm_direction *in,
		       struct tm_error *e)
{
	*in = strcmp(m->in, node->hooks[TM_IN]) ? TM_OUT : TM_IN;
	if (strcmp(m->in, node->hooks[*in]) && node->wire)
		return tm_error_code(e, -ENOENT,
				     "'%s' has no hook '%s': its two are called as its devices are, \"%s\" and \"%s\"",
				     name, m->in, node->hooks[TM_IN], node->hooks[TM_OUT]);
	if (strcmp(m->in, node->hooks[*in]))
		return tm_error_code(e, -ENOENT, "'%s' has no hook '%s': its one hook is called as it is, \"%s\"", name,
				     m->in, name);
	if (m->command != TM_NG_CONFIG || !strcmp(m->out, node->hooks[!*in]))
		return 0;
	if (node->wire)
		return tm_error_code(e, -EOPNOTSUPP,
				     "inHook '%s' and outHook '%s': what comes in there leaves this wire by '%s'",
				     m->in, m->out, node->hooks[!*in]);
	return tm_error_code(
		e, -EOPNOTSUPP,
		"inHook '%s' and outHook '%s': this hook sends packets on where they were going, so both must be '%s'; "
		"from one device to another they go by 'tcpmss attach DEV --wire DEV2'",
		m->in, m->out, name);
}

/* Reads or clears the counters of one hook of the node. */
static int take_stats(const char *name, const struct node *node, enum tm_direction in, enum io_stats what,
		      struct tm_counters *c, struct tm_error *e)
{
	struct tm_hook_counters counters;
	int err = io_hook_stats_of(name, node->wire ? 1u << in : 1 << TM_IN | 1 << TM_OUT, what, &counters, e);

	if (err)
		return err;
	*c = node->wire ? (struct tm_counters){ 0 } : counters.total;
	for (int f = 0; node->wire && f < PK_FAMILY_COUNT; f++)
		tm_counters_add(c, &counters.by[in][f]);
	return 0;
}

static int run(const char *name, const struct tm_ng_message *m)
{
	static const enum io_stats what[] = {
		[TM_NG_GETSTATS] = IO_STATS_GET,
		[TM_NG_CLRSTATS] = IO_STATS_CLEAR,
		[TM_NG_GETCLRSTATS] = IO_STATS_GETCLEAR,
	};
	char answer[TM_NG_ANSWER];
	struct tm_counters counters;
	struct pk_hook limits;
	enum tm_direction in;
	struct node node;
	struct tm_error e;
	int err = find_node(&node, name, &e);

	if (!err)
		err = check_names(name, &node, m, &in, &e);
	if (!err && m->command == TM_NG_CONFIG)
		err = io_hook_set_mss(name, in, m->mss, &e);
	else if (!err)
		err = io_hook_limits(name, in, &limits, &e) ?:
			      take_stats(name, &node, in, what[m->command], &counters, &e);
	if (err)
		return cli_fail(err, &e);
	if (m->command == TM_NG_CONFIG || m->command == TM_NG_CLRSTATS)
		return CLI_OK;
	tm_ng_stats_text(answer, &counters, limits.mss);
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
