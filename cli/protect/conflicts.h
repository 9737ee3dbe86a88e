/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is in the way of protect blocks, before they are put in force and in a check-up.
 */
#ifndef CLI_PROTECT_CONFLICTS_H
#define CLI_PROTECT_CONFLICTS_H

#include <jansson.h>

#include "lib/config/config.h"
#include "lib/doctor/doctor.h"

/* Prints warnings and faults, a line each. CLI_OK, or what to exit with where the blocks are not to be put in force. */
int cli_protect_conflicts(const struct tm_config *config);

/* Adds what is in the way of the blocks that the document of `protect show` has. */
void cli_protect_find_conflicts(struct tm_findings *f, const json_t *blocks);

#endif
