/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tells that routes have changed, and through which devices default routes have: rtnetlink.
 */
#ifndef IO_ROUTEWATCH_H
#define IO_ROUTEWATCH_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

#define IO_ROUTEWATCH_UPLINKS 16

struct io_routewatch {
	struct mnl_socket *socket;
	uint32_t uplinks[IO_ROUTEWATCH_UPLINKS]; /* since the reader last emptied them: indices of devices, each once */
	unsigned uplink_count; /* more than fit are not remembered */
};

/* 0 or −errno with *e filled. */
int io_routewatch_open(struct io_routewatch *w, struct tm_error *e);

/* For poll(). Non-blocking. */
int io_routewatch_fd(const struct io_routewatch *w);

/* Reads what there is. Whether anything had changed, as far as it can be told. */
bool io_routewatch_read(struct io_routewatch *w);

void io_routewatch_close(struct io_routewatch *w);

#endif
