/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss protect remove
 */
#include <getopt.h>
#include <stdio.h>

#include "cli.h"
#include "io/protect-attach.h"
#include "io/protect-rules.h"
#include "lib/words.h"
#include "protect.h"
#include "source.h"

static const char help[] = "usage: tcpmss protect remove NAME|--all\n\n"
			   "The running tcpmssd protects the servers of this block, or of any, no longer:\n"
			   "until it reads its file again, where that has the block. Connections that were\n"
			   "opened by a cookie end with the last block.\n\n"
			   "  --all  without a running tcpmssd: take away what a killed one left\n\n"
			   "Examples:\n"
			   "  tcpmss protect remove web\n"
			   "  tcpmss protect remove --all\n";

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int remove_all(void)
{
	json_t *document;
	struct tm_error e;
	int status, err;

	if (cli_ask_if_there(json_pack("{s:s, s:b}", "verb", "protect-remove", "all", 1), &document, &status)) {
		json_decref(document);
		return status;
	}
	err = io_protect_rules_remove(&e);
	if (!err)
		err = io_protect_remove_all(&e);
	return err ? cli_fail(err, &e) : CLI_OK;
}

int cli_protect_remove(int argc, char **argv)
{
	struct tm_error ignored;
	bool all = false;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		if (opt == 'a') {
			all = true;
		} else if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		} else {
			return cli_bad_option("protect remove", argv, opt);
		}
	}
	if (all + argc - optind != 1)
		return cli_usage("protect remove", "needs one name, or --all");
	if (all)
		return remove_all();
	if (tm_hook_name_check(argv[optind], &ignored))
		return cli_usage("protect remove", "'%s': not a name that a block can have", argv[optind]);
	return cli_ask(json_pack("{s:s, s:s}", "verb", "protect-remove", "name", argv[optind]), -1);
}
