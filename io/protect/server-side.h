/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server-side programs of protect (bpf/protect_server.bpf.c), on the devices that lead to servers (io/protect/routes.h):
 * both directions of tc. Their links, or where the kernel has none the programs of their filters, are pinned in
 * IO_PROTECT_DIR, so that they outlive the process.
 */
#ifndef IO_PROTECT_SERVER_SIDE_H
#define IO_PROTECT_SERVER_SIDE_H

#include <stddef.h>

#include "bpf/config.h"
#include "maps.h"

/*
 * Has the programs on these devices and on no others. Where they are already, they stay as they are, unless `renew`: then new
 * ones take their place, with these maps (which a process does that takes over, or that has made the map of services anew).
 * What can be done is done: 0, or the first −errno with *e filled, which tells of a device that has gone (-ENODEV) or that
 * carries no frames that can be read.
 */
int io_server_side_set(const struct io_protect_maps *maps, const uint32_t *devices, size_t count, bool renew,
		       struct tm_error *e);

/* Whether they are where they were put. */
bool io_server_side_attached(uint32_t ifindex);

/* Takes all of them away, in an open file system whose lock is held. */
void io_server_side_remove(const struct io_bpffs *fs);

/*
 * Loads the programs for a kind of devices (enum pk_link), on none yet: descriptors by direction, for the caller to close. 0
 * or −errno with *e filled.
 */
int io_server_side_load(const struct io_protect_maps *maps, uint32_t link, int programs[TM_DIRECTIONS],
			struct tm_error *e);

#endif
