/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the writers of JSON documents share.
 */
#ifndef TM_JSON_H
#define TM_JSON_H

#include <jansson.h>

/* A string for a name that need not be UTF-8, as those of files and devices: JSON must. NULL without memory. */
json_t *tm_json_name(const char *name);

#endif
