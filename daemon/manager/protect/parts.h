/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of protect share.
 */
#ifndef DAEMON_PROTECT_PARTS_H
#define DAEMON_PROTECT_PARTS_H

#include "protect.h"

/* Compiles what is protected. 0 and *image, for tm_image_free(); or −errno with *e filled. */
int protect_services_build(struct tm_image *image, const struct protect_block *blocks, size_t count,
			   struct tm_error *e);

/* Puts it in force anew where routes have changed. What goes wrong is told. */
void protect_services_follow(struct protect *p);

/* The blocks of a configuration, with what those of that name have been up to now. For free(); NULL with *e filled. */
struct protect_block *protect_blocks_make(const struct protect *p, const struct tm_config *config, struct tm_error *e);

/* Settings of the blocks for the programs. A number that was another's before begins idle, with nothing counted. */
void protect_blocks_write(struct protect *p, const struct protect_block *blocks, size_t count);

/* All other numbers are free, and idle. */
void protect_blocks_drop(struct protect *p, const struct protect_block *blocks, size_t count);

/* The devices that blocks want: indices are 0 of those that are not there. */
struct protect_wanted {
	struct protect_devices clients;
	uint64_t own_mtu; /* 1 << i: some route through clients.list[i] has an MTU of its own */
	uint32_t servers[TM_PROTECT_DEVICES];
	unsigned server_count;
};

/* 0 or −errno with *e filled: -E2BIG where there are too many. */
int protect_devices_find(struct protect_wanted *w, const struct protect_block *blocks, size_t count,
			 struct tm_error *e);

/*
 * Puts programs where they are wanted and are not; with `again` also where they are. 0; or −errno with *e filled, and what was put
 * there is taken off again.
 */
int protect_devices_attach(struct protect *p, struct protect_wanted *w, bool again, struct tm_error *e);

/* Takes programs off devices where they are no longer wanted, tells what has changed, and takes *w over. */
void protect_devices_settle(struct protect *p, const struct protect_wanted *w);

/* Takes programs off devices where a killed daemon has left them and nobody wants them any more. */
void protect_devices_sweep(struct protect *p);

/* Tries again what was not possible. */
void protect_devices_retry(struct protect *p);

/* XDP programs where blocks want them now, and nowhere else. Where that is not possible tc answers, which is told. */
void protect_xdp_settle(struct protect *p);

/* Has SYNs of the block answered from now on. 0; or −errno with *e filled, and nothing has changed. */
int protect_arm(struct protect *p, struct protect_block *b, struct tm_error *e);

/* Has them pass. The first still takes cookies; what goes wrong is told. */
void protect_drain(struct protect *p, struct protect_block *b);
void protect_idle(struct protect *p, struct protect_block *b);

/* Whether some block is armed or draining decides what conntrack takes for a connection. 0 or −errno with *e filled. */
int protect_guard(struct protect *p, struct tm_error *e);

/*
 * Puts the rules of these blocks, whose clients are there, in the place of those that are there. 0; or −errno with *e filled, and nothing
 * has changed.
 */
int protect_rules_set(struct protect *p, const struct tm_image *image, struct protect_block *blocks, size_t count,
		      const struct protect_devices *clients, struct tm_error *e);

/* The rules that follow from what blocks do now. Likewise. */
int protect_rules_arm(struct protect *p, struct tm_error *e);

/* The rules that follow from what is known of servers now; and puts the table back where it has gone. */
void protect_rules_follow(struct protect *p);

/* What clients of a server are told. */
struct tm_synproxy protect_offer(const struct protect *p, const struct tm_config_protect *c,
				 const struct tm_protect_server_key *key, const struct tm_protect_server *server);

/* Tells where good cookies do not reach SYNPROXY, and where they do again. */
void protect_reach(struct protect *p);

/* Counters and controllers, once. */
void protect_tick(struct protect *p);

#endif
