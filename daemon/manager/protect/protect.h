/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protect blocks of a configuration on this machine: set up, armed and disarmed as their controllers say, followed through changes of
 * devices and routes, and taken away.
 *
 * While there is a block, so are the maps, a client-side program on each of its devices, a server-side one on each device that leads to
 * servers, and our table of nftables; a killed daemon leaves all of it, and the next one takes it over.
 */
#ifndef DAEMON_PROTECT_H
#define DAEMON_PROTECT_H

#include <uv.h>

#include "io/net/device.h"
#include "io/protect/maps.h"
#include "io/protect/rules.h"
#include "lib/config/config.h"
#include "lib/protect/control.h"
#include "lib/protect/nft.h"
#include "lib/protect/reach.h"
#include "lib/protect/report.h"

struct learner;
struct watching;

/* One block in force. */
struct protect_block {
	const struct tm_config_protect *config;
	uint32_t number; /* in the maps */
	struct tm_protect_control control;
	enum tm_protect_arm arm; /* what the kernel does: not yet what the controller wants where that is not possible */
	bool xdp; /* SYNs are answered by XDP */
	struct tm_synproxy usual[PK_FAMILY_COUNT]; /* what SYNPROXY tells of servers that nobody knows yet */
	bool failed; /* arming has failed, which was told; it is tried again */
};

/* A device where clients are met. */
struct protect_device {
	char name[TM_DEVICE_NAME];
	uint32_t ifindex; /* 0: is waited for */
	unsigned slot; /* in tm_protect_state.devices */
	bool xdp; /* the XDP program is there, too */
	bool failed; /* attaching has failed, which was told; it is tried again */
};

struct protect_devices {
	struct protect_device list[TM_PROTECT_DEVICES];
	unsigned count;
};

/* Servers that SYNPROXY answers for, and what it tells of them. */
struct protect_known {
	struct tm_nft_server *list;
	size_t count, room;
};

struct protect {
	uv_loop_t *loop;
	struct watching *watching;
	struct learner *learner;
	/* its own */
	struct io_protect_rules rules;
	struct io_protect_maps maps;
	struct tm_protect_state *state; /* NULL: nothing is set up */
	struct protect_block *blocks;
	size_t count;
	struct tm_image image; /* of services */
	struct protect_devices clients;
	uint32_t servers[TM_PROTECT_DEVICES]; /* indices of devices that lead to them */
	unsigned server_count;
	bool servers_failed; /* some of these could not get their program; it is tried again */
	struct protect_known known;
	bool rules_failed; /* they could not be written anew; it is tried again */
	uint32_t learned_id; /* of the table of learned paths that the programs have; 0: none */
	struct tm_protect_reach reach; /* of cookies to SYNPROXY */
	unsigned ticks;
	uv_timer_t tick;
};

/* With loop, watching and learner set. 0 or −errno with *e filled. */
int protect_init(struct protect *p, struct tm_error *e);

/*
 * Puts the blocks of a configuration in force, all or none; those that are there already and have not changed go on undisturbed. The
 * configuration's blocks have to stay where they are until the next call. 0, or −errno with *e filled: then all is as it was.
 */
int protect_apply(struct protect *p, const struct tm_config *config, struct tm_error *e);

/* A device has come or changed, or (`gone`) left. */
void protect_on_device(struct protect *p, const struct io_device *device, bool gone);

/* Routes have changed, or news of devices was lost. */
void protect_look_again(struct protect *p);

/* Whether there is a block. */
bool protect_there(const struct protect *p);

/* Appends a report of each block. 0 or −errno with *e filled. With `servers` also of each learned server. */
int protect_reports(const struct protect *p, struct tm_protect_reports *reports, bool servers, struct tm_error *e);

/* Takes everything away, or with `leave` lets go of it. */
void protect_end(struct protect *p, bool leave);

#endif
