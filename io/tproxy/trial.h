/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trial: a transparent socket with a connection that was never made (TCP_REPAIR: nothing is sent), and a packet-too-big message that
 * quotes it, put on a device's ingress. Whether the socket's path MTU changes shows whether it came there.
 *
 * What is needed for that (a host route to an address for documentation, in table local, and an entry of connection tracking) is there
 * for less than a second; should this process be killed meanwhile, `tproxy down` and the next trial remove the route.
 */
#ifndef IO_TPROXY_TRIAL_H
#define IO_TPROXY_TRIAL_H

#include "io/net/device.h"
#include "lib/doctor/tproxy.h"

/*
 * Tries it and fills in what is found out by that, and what the kernel would do with the mark `facts->mark` (0: not asked). 0;
 * -EAFNOSUPPORT where the device has no address of that family; other −errno with *e filled.
 */
int io_tproxy_trial(const struct io_device *device, struct tm_tproxy_facts *facts, struct tm_error *e);

/* Removes what a trial that was killed has left. */
void io_tproxy_trial_clean(void);

#endif
