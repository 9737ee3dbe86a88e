/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the program that marks PTBs for transparent sockets shares with its loader.
 */
#ifndef TM_BPF_TPROXY_H
#define TM_BPF_TPROXY_H

#include "core/reason.h"
#include "core/target.h"

/* Constants of a loaded program. */
struct tm_tproxy_config {
	__u32 link; /* enum pk_link of the device */
	__u32 transparent; /* number of that bit in the kernel's flags of a socket, where they are a word (Linux 6.6) */
	__u32 mark[PK_FAMILY_COUNT], mask[PK_FAMILY_COUNT]; /* by enum pk_family; mask 0: nothing is marked */
};

/* [marked] of each CPU: PTBs that got the mark. */
struct tm_tproxy_marked {
	__u64 packets[PK_FAMILY_COUNT];
};

#endif
