/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is attached to one direction of a device, ours and others', in the order in which it sees a packet.
 */
#ifndef IO_ATTACHED_H
#define IO_ATTACHED_H

#include "hook.h"
#include "lib/doctor/syn.h"

#define IO_ATTACHED 64 /* of which so many are told */

/*
 * Fills `list` (room for IO_ATTACHED) and returns how many. Names of programs need CAP_SYS_ADMIN, and are empty without.
 * Finds ours by the hook's program in that direction.
 */
size_t io_attached(const struct io_hook *hook, enum tm_direction direction, struct tm_attached *list);

/* The id of the program that the device runs in an XDP hook's mode (a dispatcher, it may be), 0 for none. */
uint32_t io_attached_xdp(uint32_t ifindex, enum io_mode mode);

#endif
