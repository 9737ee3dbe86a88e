/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The limits of a hook that is there.
 */
#ifndef IO_HOOK_RULES_H
#define IO_HOOK_RULES_H

#include <stdint.h>

#include "bpf/config.h"
#include "lib/error.h"
#include "lib/rules.h"

/*
 * What a hook was given; a wire has limits for each direction, elsewhere it is TM_IN. 0 or −errno with *e filled (-ENOENT: no such
 * hook).
 */
int io_hook_limits(const char *name, enum tm_direction direction, struct pk_hook *limits, struct tm_error *e);

/*
 * Gives a hook another fixed MSS in bytes, 0 for none, at one moment; its other limits, its prefixes and its counters stay.
 * Direction and errors as above.
 */
int io_hook_set_mss(const char *name, enum tm_direction direction, uint16_t mss, struct tm_error *e);

#endif
