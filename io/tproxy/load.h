/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tc program that marks PTBs for transparent sockets, loaded; not yet on any device.
 */
#ifndef IO_TPROXY_LOAD_H
#define IO_TPROXY_LOAD_H

#include "bpf/tproxy.h"
#include "lib/tproxy/tproxy.h"
#include "tproxy_tc.skel.h"

/* Constants for a plan, but for the link; what the kernel's type information tells is in them. */
struct tm_tproxy_config io_tproxy_config(const struct tm_tproxy_plan *plan);

/*
 * Loads it for devices of a link type (enum pk_link) and lets it count in the map `marked`. tproxy_tc__destroy() it; NULL with errno
 * and *e set.
 */
struct tproxy_tc *io_tproxy_load(const struct tm_tproxy_config *config, uint32_t link, int marked, struct tm_error *e);

#endif
