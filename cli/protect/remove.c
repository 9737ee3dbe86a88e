/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss protect remove
 */
#include <errno.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/source.h"
#include "io/capability.h"
#include "io/protect/attach.h"
#include "io/protect/rules.h"
#include "lib/words.h"
#include "protect.h"

static const char help[] = "usage: tcpmss protect remove NAME|--all\n\n"
			   "The running tcpmssd protects the servers of this block, or of any, no longer:\n"
			   "until it reads its file again, where that has the block. Connections that were\n"
			   "opened by a cookie end with the last block.\n\n"
			   "  --all  without a running tcpmssd: take away what a killed one left\n\n"
			   "Examples:\n"
			   "  tcpmss protect remove web\n"
			   "  tcpmss protect remove --all\n";

static int remove_all(void)
{
	json_t *document;
	struct tm_error e;
	int status, err;

	if (cli_ask_if_there(json_pack("{s:s, s:b}", "verb", "protect-remove", "all", 1), &document, &status)) {
		json_decref(document);
		return status;
	}
	if (io_may(CAP_NET_ADMIN))
		err = io_protect_rules_remove(&e);
	else
		err = tm_error_code(&e, -EPERM, "taking away what a killed tcpmssd left needs CAP_NET_ADMIN and CAP_BPF: run as root");
	if (!err)
		err = io_protect_remove_all(&e);
	return err ? cli_fail(err, &e) : CLI_OK;
}

int cli_protect_remove(int argc, char **argv)
{
	struct tm_error ignored;
	const char *name;
	int status;

	if (!cli_one_or_all("protect remove", help, "name", argc, argv, &name, &status))
		return status;
	if (!name)
		return remove_all();
	if (tm_hook_name_check(name, &ignored))
		return cli_usage("protect remove", "'%s': not a name that a block can have", name);
	return cli_ask(json_pack("{s:s, s:s}", "verb", "protect-remove", "name", name), -1);
}
