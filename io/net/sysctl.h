/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers below /proc/sys, those of this network namespace.
 */
#ifndef IO_SYSCTL_H
#define IO_SYSCTL_H

#include "lib/error.h"

/* `name` as in "net/netfilter/nf_conntrack_max". 0 or −errno: -ENOENT where the kernel has no such setting. */
int io_sysctl_read(const char *name, long *value);

/* 0 or −errno with *e filled. */
int io_sysctl_write(const char *name, long value, struct tm_error *e);

#endif
