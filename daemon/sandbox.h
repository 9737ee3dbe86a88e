/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process gives up before it reads the first byte from the network.
 */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include <stdbool.h>

#include "lib/error.h"

/*
 * Keeps one capability (CAP_…), if it is there, and gives up the rest, for good. With change_user, the user becomes
 * "tcpmss", or "nobody" where that does not exist; a process without the right to do that stays who it is. 0 or −errno
 * with *e filled.
 */
int sandbox_keep_capability(int capability, bool change_user, struct tm_error *e);

/* This process ends when the one that started it (`parent`) does. */
int sandbox_die_with(int parent, struct tm_error *e);

/*
 * From here on only system calls that handle open descriptors, memory, signals and time: no new files, sockets,
 * programs or processes. Anything else ends the process.
 */
int sandbox_filter_calls(struct tm_error *e);

#endif
