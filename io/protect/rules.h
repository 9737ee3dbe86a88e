/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nftables table of protect in the kernel. It stays when the process ends, so that connections that have come through SYNPROXY live
 * on; the next one replaces it.
 */
#ifndef IO_PROTECT_RULES_H
#define IO_PROTECT_RULES_H

#include "io/net/nft-watch.h"
#include "io/net/nft.h"

struct io_protect_rules {
	struct io_nft nft;
	struct io_nft_mark mark;
};

/* Before a system-call filter (io/net/nft.h). 0 or −errno with *e filled. */
int io_protect_rules_open(struct io_protect_rules *r, struct tm_error *e);

/*
 * Puts a text of lib/protect/nft.h in force, the whole table or a change of states: all of it or nothing. 0 or −errno with *e filled:
 * -ENOENT where a change of states finds its table gone, -EOPNOTSUPP where the kernel has no SYNPROXY.
 */
int io_protect_rules_apply(struct io_protect_rules *r, const char *text, struct tm_error *e);

/* Whether somebody else took the table or rules in it away since: then the whole table is to be applied again. Cheap, for a timer. */
bool io_protect_rules_gone(struct io_protect_rules *r);

void io_protect_rules_close(struct io_protect_rules *r);

/*
 * Takes away the table and puts nf_conntrack_tcp_loose back to what it was, whoever left them; nothing there is no error. Before
 * io_protect_remove_all(), which takes away where that value is kept. 0 or −errno with *e filled.
 */
int io_protect_rules_remove(struct tm_error *e);

/* Whether the table is there. */
bool io_protect_rules_there(void);

#endif
