/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss detach DEV|HOOK|--all
 */
#include <stdio.h>

#include "cli.h"
#include "io/hook/hook.h"

static const char help[] = "usage: tcpmss detach HOOK|DEV|--all\n\n"
			   "Takes away a hook, all hooks of a device, or all hooks of this network\n"
			   "namespace, with their counters.\n\n"
			   "Examples:\n"
			   "  tcpmss detach ppp0\n"
			   "  tcpmss detach --all\n";

int cli_detach(int argc, char **argv)
{
	const char *name;
	struct tm_error e;
	int n, status;

	if (!cli_one_or_all("detach", help, "hook or device", argc, argv, &name, &status))
		return status;
	n = io_hook_detach(name, &e);
	if (n < 0)
		return cli_fail(n, &e);
	fprintf(stderr, "tcpmss: %d hook%s detached\n", n, n == 1 ? "" : "s");
	return CLI_OK;
}
