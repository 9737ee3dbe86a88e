/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as hexadecimal text.
 */
#ifndef HEX_H
#define HEX_H

#include <stdint.h>
#include <stdio.h>

/* Reads digits up to the end of the string, blanks skipped. The number of bytes, or -1: no hex, odd, or more than room. */
long hex_read(const char *text, uint8_t *bytes, long room);

void hex_write(FILE *f, const uint8_t *bytes, long n);

#endif
