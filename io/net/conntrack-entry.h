/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries of connection tracking (ctnetlink).
 */
#ifndef IO_CONNTRACK_ENTRY_H
#define IO_CONNTRACK_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

/* A TCP connection by how its first packet looked. Addresses in network order. */
struct io_conntrack_flow {
	bool ipv6;
	const uint8_t *source, *destination; /* 4 or 16 bytes */
	uint16_t source_port, destination_port;
};

/* Makes an entry of an established connection that ends by itself. 0 or −errno: the kernel may have no ctnetlink. */
int io_conntrack_add(const struct io_conntrack_flow *flow, unsigned seconds);

/* 0 or −errno. */
int io_conntrack_delete(const struct io_conntrack_flow *flow);

#endif
