/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet-too-big messages (PTBs) for transparent sockets: puts what lib/tproxy/tproxy.h plans on this machine, and takes it away.
 */
#ifndef IO_TPROXY_H
#define IO_TPROXY_H

#include "io/net/nft.h"
#include "lib/tproxy/tproxy.h"

struct io_tproxy_order {
	struct tm_tproxy_wish wish;
	enum tm_tproxy_via via; /* auto: nftables, and where the kernel lacks it our tc program */
	const char *const *devices; /* tc: only these */
	size_t device_count; /* 0: all but lo */
};

/* What is there when that is done. */
struct io_tproxy_done {
	struct tm_tproxy_plan plan;
	enum tm_tproxy_via via; /* never auto */
	unsigned devices; /* tc: how many */
};

/*
 * Adds what is missing, and takes away what was added for other marks before. `nft`: open, or NULL to open it here. 0 or −errno with
 * *e filled, and nothing of what a first call has added stays then.
 */
int io_tproxy_up(const struct io_tproxy_order *order, struct io_nft *nft, struct io_tproxy_done *done,
		 struct tm_error *e);

/* Takes all of it away, whoever added it: *removed counts the things. 0 or −errno with *e filled. */
int io_tproxy_down(struct io_nft *nft, unsigned *removed, struct tm_error *e);

/* What our table does now; nothing where there is none, or no nftables. 0 or −errno with *e filled. */
int io_tproxy_rules(struct io_nft *nft, struct tm_tproxy_rules *rules, struct tm_error *e);

#endif
