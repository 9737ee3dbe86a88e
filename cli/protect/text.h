/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protect blocks for people, from the document.
 */
#ifndef CLI_PROTECT_TEXT_H
#define CLI_PROTECT_TEXT_H

#include <jansson.h>

/* A line for each block, and what looks wrong with it. */
void cli_protect_print_short(const json_t *blocks);

/* All that the document has. */
void cli_protect_print(const json_t *blocks);

#endif
