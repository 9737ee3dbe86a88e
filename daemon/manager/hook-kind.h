/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the daemon does with a hook, whatever carries its packets: one struct hook_kind for each way.
 */
#ifndef DAEMON_HOOK_KIND_H
#define DAEMON_HOOK_KIND_H

#include "io/net/device.h"
#include "lib/config/config.h"

struct hook_kind;
struct hooks;

/* One hook of the configuration in force. */
struct hook_state {
	const struct tm_config_hook *config;
	const struct hook_kind *kind;
	struct hooks *hooks; /* all of them */
	uint32_t ifindex[2]; /* of the devices it is on; 0: none, or it waits for that device */
	uint64_t quiet_until; /* CLOCK_MONOTONIC in ns: not tried again before, however often its devices change; */
	unsigned failures; /* as so many tries in a row have failed */
	void *own; /* the kind's, from its first settle() to its detach(), over reloads */
};

/* Each function logs what an operator wants to know. */
struct hook_kind {
	/*
	 * Attaches the hook, or gives it these rules at one moment. What the file has for it may differ from the last time. 0, also where
	 * it waits for a device; −errno with *e filled: it is tried again when its devices change.
	 */
	int (*settle)(struct hook_state *s, const struct tm_image *image, struct tm_error *e);

	/* A device has come or changed, or (`gone`) left. True where settle() has to be called now. */
	bool (*device)(struct hook_state *s, const struct io_device *device, bool gone);

	/* The same where news was lost: looks for itself. */
	bool (*look)(struct hook_state *s);

	/* Takes it away. With `leave` only what belongs to this process. 0 or −errno with *e filled. */
	int (*detach)(struct hook_state *s, bool leave, struct tm_error *e);
};

extern const struct hook_kind hook_on_device; /* tc, xdp, xdp-generic, wire */
extern const struct hook_kind hook_on_queue; /* nfqueue */

#endif
