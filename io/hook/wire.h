/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a wire needs of its two devices: that they carry the same kind of frames, take in frames for everybody, and can send what the
 * other one received.
 *
 * XDP is right only between real network cards. A device made of software (veth, tap, ...) hands over what its sender left to
 * a device: checksums that are not written yet, segments that are not cut yet. An XDP frame has no room to say so, and such frames would
 * leave broken; a socket buffer says it, so tc takes them. A card that takes VLAN tags out of the frame must stop that for XDP.
 */
#ifndef IO_WIRE_H
#define IO_WIRE_H

#include "io/net/device.h"
#include "parts.h"

/* Bits of io_hook_meta.changed. */
enum io_wire_change {
	IO_WIRE_CTAG = 1 << 0, /* VLAN offloads, as in enum io_vlan_offload, are off */
	IO_WIRE_STAG = 1 << 1,
	IO_WIRE_PROMISC = 1 << 2, /* is on */
};

/*
 * Whether a wire of that name can be between these devices. 0 or −errno with *e filled: -EINVAL twice the same, -EOPNOTSUPP not
 * Ethernet, -EBUSY part of another wire.
 */
int io_wire_check(const struct io_bpffs *fs, const char *name, const struct io_device devices[TM_DIRECTIONS],
		  struct tm_error *e);

/* Whether XDP carries all frames between them unharmed. */
bool io_wire_xdp_fits(const struct io_device devices[TM_DIRECTIONS]);

/* Sets the devices up, and notes in *meta what was changed. 0 or −errno with *e filled; io_wire_let_go() then, too. */
int io_wire_take(struct io_hook_meta *meta, struct tm_error *e);

/* Once the programs are on: whether both devices send what is redirected to them. 0 or −errno with *e filled. */
int io_wire_sends(const struct io_hook_meta *meta, struct tm_error *e);

/* Sets back what was changed, as far as the devices are there. */
void io_wire_let_go(const struct io_hook_meta *meta);

#endif
