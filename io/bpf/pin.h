/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps that are pinned.
 */
#ifndef IO_PIN_H
#define IO_PIN_H

#include <stdint.h>

#include "lib/error.h"

/* The id of an open map, 0 where it cannot be told. */
uint32_t io_map_id(int fd);

/* Pins an open map at `path`, in the place of another one; nothing where it is pinned there already. 0 or −errno with *e filled. */
int io_map_pin(int fd, const char *path, struct tm_error *e);

#endif
