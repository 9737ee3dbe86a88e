/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss pmtu replay, where FILE is a capture.
 */
#ifndef CLI_PMTU_CAPTURE_H
#define CLI_PMTU_CAPTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/pmtu/pmtu.h"

/* Whether what comes next begins as a capture does, not as a script. Nothing of it is used up. */
bool cli_pmtu_is_capture(FILE *f);

/* What a gateway would have learned from it, line by line. Returns an enum cli_exit. */
int cli_pmtu_capture(FILE *f, const char *name, const struct tm_pmtu_options *options, bool json);

#endif
