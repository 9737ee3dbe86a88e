/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF links that hold a program on a device: pinned, they outlive the process; nothing here needs more than CAP_BPF and CAP_NET_ADMIN.
 */
#ifndef IO_LINK_H
#define IO_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

/* Pins a link that was just made at `path`, and closes it. 0 or −errno with *e filled; then the program is off the device again. */
int io_link_pin(int link, const char *path, struct tm_error *e);

/* Puts another program in the place of the pinned link's, at one moment. 0 or −errno with *e filled. */
int io_link_replace(int program, const char *path, struct tm_error *e);

/* Detaches and unpins. Nothing there is no error. */
void io_link_detach(const char *path);

/* Whether the pinned link still is on that device. */
bool io_link_alive(const char *path, uint32_t ifindex);

/* The id of the program that the pinned link holds now, 0 for none. */
uint32_t io_link_program(const char *path);

#endif
