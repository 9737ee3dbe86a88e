/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block transparent-proxy of a configuration: packet-too-big messages for the sockets of a transparent proxy.
 */
#ifndef DAEMON_TPROXY_H
#define DAEMON_TPROXY_H

#include <uv.h>

#include "io/net/device.h"
#include "io/net/nft-watch.h"
#include "io/tproxy/tproxy.h"
#include "lib/config/config.h"

struct tproxy {
	struct io_nft nft;
	struct tm_config_tproxy config; /* in force */
	struct io_tproxy_done done; /* what came of it */
	uv_timer_t look; /* runs while there is a block: others load rules and flush routes */
	struct io_nft_mark table; /* ours, as it was left */
	unsigned quiet; /* times not to look: putting it back has not helped */
};

/*
 * Before the process gives up rights. Where there is no nftables, the rest does without. 0 or a negative libuv error.
 */
int tproxy_init(struct tproxy *t, uv_loop_t *loop);

/* Puts what the block says in force, or takes it away. 0 or −errno with *e filled, and what was in force before stays. */
int tproxy_apply(struct tproxy *t, const struct tm_config_tproxy *config, struct tm_error *e);

/* A device has come. */
void tproxy_device(struct tproxy *t, const struct io_device *device);

/* Takes all away; with `leave` not. */
void tproxy_end(struct tproxy *t, bool leave);

#endif
