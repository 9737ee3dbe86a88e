/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hooks of a configuration on the devices of this machine: which should be there, which are, and making it so.
 */
#ifndef DAEMON_HOOKS_H
#define DAEMON_HOOKS_H

#include "hook-kind.h"

struct hooks {
	struct tm_config config; /* in force; owned */
	struct hook_state *states; /* one for each hook of it */
	bool put_off; /* some hook is to be tried again when its quiet time is over: hooks_look_again() has to be called */
	struct tproxy *tproxy; /* the block transparent-proxy of the same configuration; NULL: nobody has it */
	struct protect *protect; /* the protect blocks of the same configuration; NULL: nobody has them */
	struct learner *learner; /* who learns path MTUs for them; NULL: nobody */
};

/*
 * Puts a configuration in force and takes it over (*config is empty then): all rules are compiled first, then each hook gets its
 * own at one moment; hooks that are no longer named are detached; counters stay. A hook whose device is not there waits for it. 0; or
 * −errno with *e filled, and the old configuration stays in force: -EOPNOTSUPP for what this daemon does not do, -ENOMEM,
 * -EPERM.
 */
int hooks_apply(struct hooks *h, struct tm_config *config, struct tm_error *e);

/* A device has come or changed, or (`gone`) left: attaches what waits for it. */
void hooks_device(struct hooks *h, const struct io_device *device, bool gone);

/* Attaches what should be attached and is not; with `routes` gives all hooks that use routes new rules. */
void hooks_look_again(struct hooks *h, bool routes);

/* Compiles the rules of one again and settles it. What is not possible now is told, and tried again when its devices change. */
void hooks_settle(struct hook_state *s);

/* Whether a hook uses routes, or a protect block does. */
bool hooks_use_routes(const struct hooks *h);

/* Detaches what is attached, but with `leave` what stays without this process, and frees everything. */
void hooks_end(struct hooks *h, bool leave);

#endif
