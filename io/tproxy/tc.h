/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tc program that marks PTBs for transparent sockets (bpf/tproxy_tc.bpf.c), on the ingress of devices. Pinned in a directory beside
 * those of the hooks (/sys/fs/bpf/tcpmss/<network namespace>/+~tproxy, no name for a hook):
 *
 *	marked			what the programs count, struct tm_tproxy_marked of each CPU
 *	config			their constants, struct tm_tproxy_config
 *	<ifindex>		the link of a device
 *	<ifindex>-filter	where the kernel has no TCX: the program that a filter holds there
 *	<ifindex>-made		likewise, and the clsact qdisc was made for it
 */
#ifndef IO_TPROXY_TC_H
#define IO_TPROXY_TC_H

#include "io/net/device.h"
#include "lib/tproxy/tproxy.h"

/*
 * Puts the program on these devices and on no others, with the plan's marks; those that have it already keep it without a gap.
 * Devices whose frames we cannot read are left out. Returns how many have it, or −errno with *e filled.
 */
int io_tproxy_tc_set(const struct tm_tproxy_plan *plan, const struct io_device *devices, size_t count,
		     struct tm_error *e);

/* Takes it off all devices. How many had it, or −errno with *e filled. */
int io_tproxy_tc_remove(struct tm_error *e);

/* Whether a device has it. */
bool io_tproxy_tc_on(uint32_t ifindex);

/* The mark that the programs set, 0 where there is none. */
uint32_t io_tproxy_tc_mark(bool ipv6);

/* PTBs marked so far, by TM_IPV4 and TM_IPV6; 0 where there is no program. */
void io_tproxy_tc_marked(uint64_t packets[TM_FAMILIES]);

#endif
