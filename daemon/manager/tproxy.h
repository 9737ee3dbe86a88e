/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block transparent-proxy of a configuration: packet-too-big messages for the sockets of a transparent proxy.
 */
#ifndef DAEMON_TPROXY_H
#define DAEMON_TPROXY_H

#include "io/device.h"
#include "io/tproxy.h"
#include "lib/config.h"

struct tproxy {
	struct io_nft nft;
	struct tm_config_tproxy config; /* in force */
	struct io_tproxy_done done; /* what came of it */
};

/* Before the process gives up rights. Where there is no nftables, the rest does without. */
void tproxy_init(struct tproxy *t);

/* Puts what the block says in force, or takes it away. 0 or −errno with *e filled, and what was in force before stays. */
int tproxy_apply(struct tproxy *t, const struct tm_config_tproxy *config, struct tm_error *e);

/* A device has come. */
void tproxy_device(struct tproxy *t, const struct io_device *device);

/* Routes have changed: puts in place again what somebody has taken away. */
void tproxy_look_again(struct tproxy *t);

/* Takes all away; with `leave` not. */
void tproxy_end(struct tproxy *t, bool leave);

#endif
