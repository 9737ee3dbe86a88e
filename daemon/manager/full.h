/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The daemon of a configuration file: keeps its hooks where they belong while devices and routes come and go.
 */
#ifndef DAEMON_FULL_H
#define DAEMON_FULL_H

#include <stdbool.h>

struct full_options {
	const char *file; /* tcpmss.conf(5) */
	const char *text; /* what it says, where there is no such file; else NULL */
	bool check; /* only that */
	bool leave; /* at the end, hooks stay where they are */
	bool foreground;
	bool verbose; /* with diagnostics */
	const char *pid_file; /* NULL: the usual one, or none in the foreground */
};

/* Runs it; an enum daemon_exit. */
int full_run(const struct full_options *o);

#endif
