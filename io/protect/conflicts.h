/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks for what is in the way of protect blocks on this machine (lib/protect/conflicts.h).
 */
#ifndef IO_PROTECT_CONFLICTS_H
#define IO_PROTECT_CONFLICTS_H

#include "lib/protect/conflicts.h"

/*
 * Adds to *f what is found. Reads the rules with the programs of nftables and iptables, so not behind a system-call filter; where they
 * cannot be read, that is a warning.
 */
void io_protect_conflicts(struct tm_findings *f, const struct tm_config_protect *blocks, size_t count);

#endif
