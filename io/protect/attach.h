/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client-side programs of protect, on the devices that clients are behind: first in the order at tc ingress, so that no clamp has
 * touched what they see, and on XDP while its programs answer. All are held by pinned links (or filters of clsact, or libxdp's dispatcher),
 * so that they outlive the process; the places are noted in tm_protect_state.devices.
 */
#ifndef IO_PROTECT_ATTACH_H
#define IO_PROTECT_ATTACH_H

#include "io/hook/learn-maps.h"
#include "maps.h"

/*
 * XDP comes beside TC: that one goes on counting what passes. Native only: generic XDP is no faster than tc.
 */
enum io_protect_kind { IO_PROTECT_TC, IO_PROTECT_XDP };

/*
 * Puts the program of a kind on the device, or a new one in the place of the one that is there, whoever put it there: with these maps.
 * learn: NULL, or the learned paths that count. Also sets the device's MTU in tm_protect_state. *slot, where not NULL: its index in
 * tm_protect_state.devices. 0 or −errno with *e filled: -EBUSY where another XDP program is in the way, -EOPNOTSUPP where the driver has no
 * native XDP, the device carries no frames that can be read, or all TM_PROTECT_DEVICES places are taken.
 */
int io_protect_attach(const struct io_protect_maps *maps, const char *device, enum io_protect_kind kind,
		      const struct io_learn_maps *learn, unsigned *slot, struct tm_error *e);

/* Takes the program of a kind off the device; nothing there is no error. Other programs, and a qdisc that is not ours, stay. */
int io_protect_detach(const struct io_protect_maps *maps, uint32_t ifindex, enum io_protect_kind kind,
		      struct tm_error *e);

/* Whether the program of a kind is still where it was put. */
bool io_protect_attached(const struct io_protect_maps *maps, uint32_t ifindex, enum io_protect_kind kind);

/*
 * Takes everything away, also what a killed daemon left: programs, links (also those that others pinned in IO_PROTECT_DIR), maps. Nothing
 * there is no error. 0 or −errno with *e filled.
 */
int io_protect_remove_all(struct tm_error *e);

#endif
