/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process gives up before it reads the first byte from somebody else: by its role.
 */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include "lib/error.h"

enum sandbox_role {
	SANDBOX_KEEPER, /* pid file, syslog, signals */
	SANDBOX_MANAGER, /* configuration, BPF programs, devices and routes */
	SANDBOX_MANAGER_XDP, /* the same with XDP programs */
	SANDBOX_QUEUE, /* packets of an NFQUEUE */
	SANDBOX_FRONT, /* clients */
	SANDBOX_LEARNER, /* packet-too-big messages */
	SANDBOX_ROLES
};

/* Whether this process has what a manager cannot do without. 0 or -EPERM with *e filled. */
int sandbox_check_manager(struct tm_error *e);

/*
 * Keeps the capabilities of the role, those that are there, and gives up the rest, for good. The user of the roles that meet
 * strangers becomes "tcpmss", or "nobody" where that does not exist; a process without the right to do that stays who it is. 0 or
 * −errno with *e filled.
 */
int sandbox_drop(enum sandbox_role role, struct tm_error *e);

/* This process ends when the one that started it (`parent`) does. */
int sandbox_die_with(int parent, struct tm_error *e);

/*
 * From here on io_uring is what this kernel does not have. Before the first uv_loop_init(): newer versions of libuv would use it, and
 * behind it no filter sees what is called. 0 or −errno with *e filled.
 */
int sandbox_without_rings(struct tm_error *e);

/*
 * From here on only the system calls of the role; anything else ends the process. The filters of a process and of those that it
 * starts add up: what a child may do, its parent may, too. 0 or −errno with *e filled.
 */
int sandbox_filter_calls(enum sandbox_role role, struct tm_error *e);

#endif
