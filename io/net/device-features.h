/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a device's driver can do with XDP (the netdev family of generic netlink), and offloads that can be turned off (ethtool).
 */
#ifndef IO_DEVICE_FEATURES_H
#define IO_DEVICE_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits of the kernel's enum netdev_xdp_act, of Linux 6.3. */
enum io_xdp_feature {
	IO_XDP_BASIC = 1 << 0, /* native XDP */
	IO_XDP_REDIRECT = 1 << 1,
	IO_XDP_XMIT = 1 << 2, /* sends what another device redirects to it; many drivers only with a program on them */
	IO_XDP_RX_SG = 1 << 5, /* frames in several buffers */
	IO_XDP_XMIT_SG = 1 << 6,
};

/* 0 or −errno: -ENOENT where the kernel (before 6.3) cannot tell. */
int io_xdp_features(uint32_t ifindex, uint64_t *features);

#define IO_FEATURES 16

/*
 * Which of up to IO_FEATURES features, called as `ethtool -k` calls them, are on: a bit of *on each, in the order of the names. False
 * where it cannot be told.
 */
bool io_features_get(const char *device, const char *const names[], size_t count, unsigned *on);

/*
 * Turns those of the features whose bit is set in `which` on or off, as far as this kernel has them. What the driver does not let go
 * stays: ask again. False where nothing could be asked of the device.
 */
bool io_features_set(const char *device, const char *const names[], size_t count, unsigned which, bool on);

/* Offloads that take a VLAN tag out of a received frame, where an XDP program never sees it. */
enum io_vlan_offload { IO_VLAN_CTAG = 1 << 0, IO_VLAN_STAG = 1 << 1 };

/* Those of a device that are on, 0 also where it cannot be told. */
unsigned io_vlan_offload_get(const char *device);

/* Turns offloads on or off. What the driver does not let go stays: ask again. */
void io_vlan_offload_set(const char *device, unsigned offloads, bool on);

#endif
