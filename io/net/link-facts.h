/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a check-up wants to know of a device (rtnetlink and ethtool), as facts for lib/doctor/device.h.
 */
#ifndef IO_LINK_FACTS_H
#define IO_LINK_FACTS_H

#include "lib/doctor/device.h"
#include "lib/error.h"

/* 0; -ENODEV with *e filled. What cannot be told stays zero. */
int io_link_facts(struct tm_device_facts *d, uint32_t ifindex, struct tm_error *e);

#endif
