/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this kernel's BPF can do.
 */
#ifndef IO_BPF_PROBE_H
#define IO_BPF_PROBE_H

#include <stdbool.h>

/* Whether bpf_fib_lookup() takes a mark (Linux 6.10): older kernels refuse the flag they do not know. */
bool io_probe_fib_mark(void);

/*
 * Whether programs that ask conntrack can be loaded: the kernel has its own type information, and conntrack is part of it, or this process
 * may look at that of modules (CAP_SYS_ADMIN). Found out once.
 */
bool io_probe_conntrack(void);

#endif
