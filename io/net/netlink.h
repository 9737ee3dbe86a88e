/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One question to rtnetlink or another netlink bus, and all of its answers.
 */
#ifndef IO_NETLINK_H
#define IO_NETLINK_H

#include <libmnl/libmnl.h>

/* Room for the messages that are asked with here. */
#define IO_NETLINK_REQUEST 256

/*
 * Sends a request (NLM_F_DUMP or not) and hands each message of the answer to `take`, which returns MNL_CB_OK. 0 or −errno: the kernel's
 * own where it answers with an error.
 */
int io_netlink_ask(struct nlmsghdr *request, mnl_cb_t take, void *ctx);

/* The same on another bus: NETLINK_GENERIC, ... */
int io_netlink_ask_bus(int bus, struct nlmsghdr *request, mnl_cb_t take, void *ctx);

#endif
