/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules of nftables through libnftables(3). A process with a system-call filter opens it before the filter: that loads a table of names
 * from files. From then on it takes numbers only (addresses, ports, protocols), and asks no name service.
 */
#ifndef IO_NFT_H
#define IO_NFT_H

#include <stdbool.h>

#include "lib/error.h"

struct io_nft {
	void *context; /* NULL: not open */
};

/* 0 or −errno with *e filled. */
int io_nft_open(struct io_nft *nft, struct tm_error *e);

/*
 * Runs a text as of nft(8), several lines or one, in one transaction: all of it or nothing is in force. Needs CAP_NET_ADMIN. 0, or
 * −errno as far as it can be told (-EPERM, -ENOENT, -EEXIST, -EOPNOTSUPP, else -EINVAL) with the first fault in *e.
 */
int io_nft_run(struct io_nft *nft, const char *text, struct tm_error *e);

/* What a command prints, "list table inet NAME" for one; the caller frees *out. As io_nft_run() otherwise. */
int io_nft_ask(struct io_nft *nft, const char *command, char **out, struct tm_error *e);

void io_nft_close(struct io_nft *nft);

#endif
