/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices and routes as the kernel describes them (rtnetlink).
 */
#ifndef IO_DEVICE_H
#define IO_DEVICE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

struct io_device {
	char name[IF_NAMESIZE];
	uint32_t index;
	uint32_t mtu; /* bytes, without the link header */
	uint16_t type; /* ARPHRD_* */
	uint32_t flags; /* IFF_* */
	char kind[16]; /* of a device made of software: "veth", "bond", ...; empty for hardware */
};

/* 0; -ENODEV with *e filled where there is no device of that name. */
int io_device_find(struct io_device *device, const char *name, struct tm_error *e);

/* All devices of this network namespace, for free(); *count is 0 and the list NULL where it fails. 0 or −errno with *e filled. */
int io_device_list(struct io_device **list, size_t *count, struct tm_error *e);

/* The enum pk_link of what its frames begin with on tc and XDP; PK_LINK_UNKNOWN where we do not know. */
uint32_t io_device_link(const struct io_device *device);

/* Lets it receive what is for others, too, or no longer. 0 or −errno. */
int io_device_promisc(uint32_t ifindex, bool on);

struct io_route {
	uint32_t ifindex; /* of the device it leaves through */
	uint32_t mtu; /* bytes: the route's own where it has one, else the device's; 0 where there is no route */
	bool from_route; /* the route's own */
	bool local; /* this machine's address */
};

/*
 * The route to an address (network order: 4 bytes, or 16 with ipv6), as the kernel would look it up with no mark. 0; -ENETUNREACH where
 * there is none; other −errno with *e filled.
 */
int io_route_find(struct io_route *route, bool ipv6, const void *address, struct tm_error *e);

#endif
