/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protected services for tests, from the text of a configuration.
 */
#ifndef SERVICES_H
#define SERVICES_H

#include "io/protect/maps.h"
#include "lib/error.h"

/* Opens maps, not pinned, in which the configuration's blocks are in force: the first one is block 0. 0 or −errno with *e filled. */
int services_open(struct io_protect_maps *maps, const char *text, struct tm_error *e);

#endif
