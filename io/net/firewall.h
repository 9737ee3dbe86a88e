/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of iptables and nftables in force here, and who reads NFQUEUEs. Read with the programs that people use for
 * that, as far as they are installed.
 */
#ifndef IO_FIREWALL_H
#define IO_FIREWALL_H

#include "lib/doctor/firewall.h"

/* False where rules there may be could not be read (no program, no privilege). */
bool io_firewall_read(struct tm_firewall *w);

/* Fills `list` and returns how many there are, at most `room`. */
size_t io_queue_listeners(struct tm_listener *list, size_t room);

#endif
