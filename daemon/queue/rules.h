/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firewall rules that feed a queue, as commands to be run.
 */
#ifndef DAEMON_RULES_H
#define DAEMON_RULES_H

#include <stdbool.h>
#include <stdint.h>

enum rules_kind { RULES_IPTABLES = 1, RULES_NFT = 2 };

/* kinds: of enum rules_kind; device: NULL for all. Only SYNs are queued: nothing else is ever changed. */
void rules_print(unsigned kinds, uint16_t queue, const char *device, bool both);

#endif
