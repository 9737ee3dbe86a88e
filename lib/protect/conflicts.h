/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What on this machine is in the way of a protect block, from facts. A fault: the servers could not be reached while the block is armed,
 * or two would answer the same SYN, so it is not to be put in force. A warning: look at it.
 */
#ifndef TM_PROTECT_CONFLICTS_H
#define TM_PROTECT_CONFLICTS_H

#include "lib/doctor/firewall.h"
#include "lib/config/config.h"

/* Rules of others against a block. Nothing is found where nothing is in the way. */
void tm_judge_protect_rules(struct tm_findings *f, const struct tm_firewall *w, const struct tm_config_protect *p);

/* Connection tracking of this network namespace. */
struct tm_conntrack_facts {
	bool there; /* the kernel has it */
	long count, max; /* connections */
};

void tm_judge_conntrack(struct tm_findings *f, const struct tm_conntrack_facts *c);

/* A device of a block. */
struct tm_protect_port_facts {
	const char *name; /* as the block has it */
	bool there;
	const char *master, *master_kind; /* the device that it is a port of, "bridge" for one; NULL: none */
};

void tm_judge_protect_device(struct tm_findings *f, const struct tm_config_protect *p,
			     const struct tm_protect_port_facts *d);

/*
 * Of what is found before blocks are put in force: whether it speaks against that. Connection tracking that is not there does not yet: the
 * kernel may load it with the first rule, and if it cannot, that fails.
 */
bool tm_conflict_forbids(const struct tm_finding *finding);

#endif
