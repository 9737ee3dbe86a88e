/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policy routing: rules that look into a table, and local default routes (`ip rule`, `ip route … local default dev lo`).
 */
#ifndef IO_POLICY_H
#define IO_POLICY_H

#include "lib/tproxy/tproxy.h"

/* Reads both families; tm_policy_free() in either case. 0 or −errno with *e filled. */
int io_policy_read(struct tm_policy *p, struct tm_error *e);

/* Whether a packet with that mark, for an address that is nobody's, would be this machine's own. True also where the kernel does not say. */
bool io_policy_is_local(bool ipv6, uint32_t mark);

/* Adds a rule by mark, before all others but that of table local, and the local default route: with our protocol number. 0 or −errno. */
int io_policy_add_rule(bool ipv6, uint32_t mark, uint32_t mask, uint32_t table);
int io_policy_add_route(bool ipv6, uint32_t table);

/* Removes one of ours. 0 or −errno; that it has gone already is no error. */
int io_policy_remove_rule(const struct tm_policy_rule *rule);
int io_policy_remove_route(bool ipv6, uint32_t table);

#endif
