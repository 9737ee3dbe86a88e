/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of a configuration.
 */
#ifndef TM_CONFIG_FILES_H
#define TM_CONFIG_FILES_H

#include <stddef.h>

#include "config.h"

/* Bytes that a file may have: a million prefixes. */
#define TM_CONFIG_FILE_MAX (64u << 20)

/* Reads a file whole. 0 and *text (for free(), a NUL behind it) and *len, or −errno: -EFBIG, -ENOMEM, what open() and read() say. */
int tm_config_load(const char *path, char **text, size_t *len);

/* What such an error means. */
const char *tm_config_load_error(int err);

/* The path of a file that `file` includes: relative to its folder. For free(), NULL without memory. */
char *tm_config_beside(const char *file, const char *included);

/* Appends a name to c->files. 0 or -ENOMEM. */
int tm_config_add_file(struct tm_config *c, const char *name);

#endif
