/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices that come, change and go, told by rtnetlink as it happens.
 */
#ifndef IO_LINKWATCH_H
#define IO_LINKWATCH_H

#include <libmnl/libmnl.h>

#include "device.h"

struct io_linkwatch {
	struct mnl_socket *socket;
	bool lost; /* the kernel had more to tell than fitted: ask again */
	bool absent; /* a device that was asked for is not there */
};

/* Called for a device that is new or has changed, and (`gone`) for one that has gone. */
typedef void (*io_linkwatch_take)(void *ctx, const struct io_device *device, bool gone);

/* Everything that happens from now on will be told. 0 or −errno with *e filled. */
int io_linkwatch_open(struct io_linkwatch *w, struct tm_error *e);

/* For poll(). Non-blocking. */
int io_linkwatch_fd(const struct io_linkwatch *w);

/* Asks for a device by its name; the answer comes through io_linkwatch_read(), as a device or as `absent`. */
int io_linkwatch_ask(struct io_linkwatch *w, const char *name);

/* Reads what there is, and sets `lost` and `absent`. 0 or −errno. */
int io_linkwatch_read(struct io_linkwatch *w, io_linkwatch_take take, void *ctx);

void io_linkwatch_close(struct io_linkwatch *w);

#endif
