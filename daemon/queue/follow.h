/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Follows the MTU of a device by its name, while that changes, vanishes and comes back.
 */
#ifndef DAEMON_FOLLOW_H
#define DAEMON_FOLLOW_H

#include "io/net/linkwatch.h"

struct follow {
	struct io_linkwatch watch;
	struct io_device device; /* as known last; index 0 while it is not there */
	void (*changed)(void *ctx, uint32_t mtu); /* bytes; called for a new MTU only */
	void *ctx;
};

/* 0; -ENODEV where it is not there (yet); other −errno; with *e filled. The first MTU is in f->device. */
int follow_open(struct follow *f, const char *name, struct tm_error *e);

int follow_fd(const struct follow *f);

/* Takes news. 0 or −errno. */
int follow_read(struct follow *f);

/* Asks again; the answer comes with follow_read(). */
int follow_ask(struct follow *f);

void follow_close(struct follow *f);

#endif
