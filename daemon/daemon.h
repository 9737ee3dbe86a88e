/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of tcpmssd(8) share.
 */
#ifndef DAEMON_H
#define DAEMON_H

#include "lib/error.h"

enum daemon_exit {
	DAEMON_OK = 0,
	DAEMON_FAILED = 1,
	DAEMON_USAGE = 2,
	DAEMON_CONFIG = 3,
	DAEMON_PRIVILEGE = 4,
	DAEMON_UNSUPPORTED = 5,
};

/* Logs an error; the exit status that a −errno stands for. */
int daemon_fail(int err, const struct tm_error *e);

#endif
