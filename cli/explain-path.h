/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the daemon knows of the path to an address, as sentences.
 */
#ifndef CLI_EXPLAIN_PATH_H
#define CLI_EXPLAIN_PATH_H

#include <jansson.h>

/* One of "paths" in the document of explain. */
void cli_explain_path(const json_t *path);

#endif
