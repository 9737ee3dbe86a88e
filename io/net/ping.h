/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Echo requests of an exact size (RFC 792, RFC 4443), and the router to ask.
 */
#ifndef IO_PING_H
#define IO_PING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

/* The gateway of the default route through a device, network order, 4 or 16 bytes. False: there is none. */
bool io_gateway_find(uint32_t ifindex, bool ipv6, uint8_t address[16]);

/*
 * Sends echo requests of `octets` bytes, IP header included, that nobody may fragment, up to three, through a device. 1:
 * answered; 0: not within a second; −errno with *e filled (-EMSGSIZE: larger than the device's MTU). Needs CAP_NET_RAW.
 */
int io_ping(uint32_t ifindex, bool ipv6, const uint8_t address[16], uint32_t octets, struct tm_error *e);

#endif
