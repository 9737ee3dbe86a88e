/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings of the kernel's connection tracking in this network namespace that protect depends on.
 */
#ifndef IO_CONNTRACK_H
#define IO_CONNTRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

struct io_conntrack {
	long count, max; /* connections: there are, there may be */
	bool loose; /* segments of connections that it does not know make new ones */
	bool liberal; /* segments outside the window are valid, too */
};

/* 0, or −errno with *e filled: -ENOENT where this kernel has no connection tracking. */
int io_conntrack_read(struct io_conntrack *c, struct tm_error *e);

/* What SYNPROXY has seen in this network namespace since it began, of all rules. */
struct io_synproxy {
	uint64_t syns, good, bad; /* SYNs; ACKs with a good cookie, and without */
};

/* 0 or −errno: -ENOENT where this kernel has none. */
int io_synproxy_read(struct io_synproxy *s);

/*
 * From here on the ACK of a cookie makes no connection on its own (nf_conntrack_tcp_loose = 0, for the whole network namespace). What it was
 * is kept in a pinned map in IO_PROTECT_DIR, and outlives this process; done twice, the first value stays. 0 or −errno with *e filled.
 */
int io_conntrack_hold(struct tm_error *e);

/*
 * Back to what it was before io_conntrack_hold(), of whichever process; unless somebody else has set it meanwhile. Nothing held is no error.
 * 0 or −errno with *e filled.
 */
int io_conntrack_release(struct tm_error *e);

/* Whether it is held. */
bool io_conntrack_held(void);

#endif
