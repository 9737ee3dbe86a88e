/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What failed BPF calls mean, and the messages of the libraries that make them.
 */
#ifndef IO_BPF_ERROR_H
#define IO_BPF_ERROR_H

#include <stdbool.h>

#include "lib/error.h"

/* Fills *e with what a failed BPF call means for a person, and returns err. `what` names the step. */
int io_bpf_error(struct tm_error *e, int err, const char *what);

/* The same of a call that loads a program: -EOPNOTSUPP where the kernel's verifier refuses it. */
int io_bpf_load_error(struct tm_error *e, int err, const char *what);

/* Lets libbpf's and libxdp's own messages through to standard error (-v), or keeps them back (the default). */
void io_bpf_verbose(bool verbose);

#endif
