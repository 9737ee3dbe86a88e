/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of `tcpmss tproxy` share.
 */
#ifndef CLI_TPROXY_H
#define CLI_TPROXY_H

#include <stdbool.h>
#include <stddef.h>

/* Tries it on these devices, or with `count` 0 on all that have an address. An exit status. */
int tproxy_check(const char *const *devices, size_t count, bool json);

#endif
