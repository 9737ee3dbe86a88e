/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of a trial share: what it is made of, and what rtnetlink is asked for it.
 */
#ifndef IO_TPROXY_TRIAL_PARTS_H
#define IO_TPROXY_TRIAL_PARTS_H

#include "lib/tproxy/trial-ptb.h"
#include "trial.h"

#define TM_TRIAL_BEFORE 1500 /* MTU of the route to the server, in bytes */

struct trial {
	struct tm_tproxy_facts *facts;
	const struct io_device *device;
	struct tm_trial_ptb ptb;
	int socket;
	struct tm_error *e;
};

/* AF_INET, AF_INET6; bytes of an address. */
static inline unsigned char io_trial_family(bool ipv6)
{
	return ipv6 ? 10 : 2;
}

static inline uint32_t io_trial_octets(bool ipv6)
{
	return ipv6 ? 16 : 4;
}

/* Writes the addresses of both ends, which are of documentation (RFC 5737, RFC 3849). */
void io_trial_ends(struct trial *t);

/* The route to the trial's server through a device; without one (0) it is removed. 0 or −errno. */
int io_trial_route(bool ipv6, uint32_t ifindex);

/* Finds who could have told: an address that lies behind the device. 0; -EAFNOSUPPORT: it has none of that family; other −errno, told. */
int io_trial_router(struct trial *t);

/* Fills in what the kernel would do with the message and facts->mark, and the settings that matter. */
void io_trial_ask(struct trial *t);

#endif
