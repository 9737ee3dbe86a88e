/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small transparent proxy (TPROXY): takes connections that rules divert to it, and opens another to where each was going,
 * with the client's address. It changes nothing of what passes. For the lab: one process, no privilege left but what the
 * sockets need.
 */
#ifndef IO_RELAY_H
#define IO_RELAY_H

#include <stdint.h>

#include "lib/error.h"

struct io_relay {
	int listener[2]; /* IPv4, IPv6 */
	int poll; /* epoll */
	unsigned connections, most; /* how many there are, and may be: as descriptors allow */
};

/* Listens on that TCP port of both families. 0 or −errno with *e filled; io_relay_close() in both cases. */
int io_relay_open(struct io_relay *r, uint16_t port, struct tm_error *e);

/* Serves for good; returns only with −errno. */
int io_relay_serve(struct io_relay *r);

void io_relay_close(struct io_relay *r);

#endif
