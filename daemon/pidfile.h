/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file with the daemon's process number. It stays locked while the daemon lives, so one left behind by a crash is
 * no obstacle.
 */
#ifndef DAEMON_PIDFILE_H
#define DAEMON_PIDFILE_H

#include "lib/error.h"

struct pidfile {
	const char *path; /* NULL: none */
	int fd;
};

/* 0; -EBUSY where a living daemon has it; other −errno; with *e filled. */
int pidfile_open(struct pidfile *f, const char *path, struct tm_error *e);

/* Writes the number of this process. */
int pidfile_write(struct pidfile *f, struct tm_error *e);

/* In a process that only inherited it. */
void pidfile_forget(struct pidfile *f);

void pidfile_remove(struct pidfile *f);

#endif
