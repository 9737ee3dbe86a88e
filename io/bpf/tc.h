/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs on a device's tc hooks: TCX links where the kernel has them, filters of the clsact qdisc elsewhere.
 */
#ifndef IO_TC_H
#define IO_TC_H

#include <libmnl/libmnl.h>

#include "bpf/config.h"
#include "lib/error.h"

/* BPF_TCX_INGRESS and BPF_TCX_EGRESS, of Linux 6.6: newer than the headers this is built with. */
#define IO_TCX_ATTACH_TYPE(direction) ((direction) == TM_IN ? 46 : 47)

/* The clamp goes where most programs come later; protect before that one. */
enum io_tc_order { IO_TC_USUAL, IO_TC_FIRST };

/*
 * Attaches by a link and pins it at `path`; IO_TC_FIRST: before all that are there. 0; -EOPNOTSUPP where the kernel has no TCX (then *e is not filled); other −errno with *e
 * filled.
 */
int io_tcx_attach(int program, uint32_t ifindex, enum tm_direction direction, enum io_tc_order order, const char *path,
		  struct tm_error *e);

/*
 * Attaches by a filter, or with `replace` puts the program in the place of the one with that handle. *made tells whether the qdisc
 * had to be made first. 0 or −errno with *e filled.
 */
int io_clsact_attach(int program, uint32_t ifindex, enum tm_direction direction, enum io_tc_order order, uint32_t handle, bool replace,
		     bool *made, struct tm_error *e);

/* Detaches; with `unmake` takes the qdisc away, too, unless somebody else's filters use it. */
void io_clsact_detach(uint32_t ifindex, enum tm_direction direction, enum io_tc_order order, uint32_t handle, bool unmake);

/* Hands the kernel's message for each filter there, in the order in which they run, to `each`. 0 or −errno. */
int io_clsact_each(uint32_t ifindex, enum tm_direction direction, mnl_cb_t each, void *ctx);

bool io_clsact_alive(uint32_t ifindex, enum tm_direction direction, enum io_tc_order order, uint32_t handle);

#endif
