/* SPDX-License-Identifier: BSD-2-Clause */
#include "hex.h"

#include <ctype.h>
#include <string.h>

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

long hex_read(const char *text, uint8_t *bytes, long room)
{
	long n = 0;

	for (; *text; text++) {
		if (isspace((unsigned char)*text))
			continue;
		if (n == room || digit(text[0]) < 0 || digit(text[1]) < 0)
			return -1;
		bytes[n++] = digit(text[0]) << 4 | digit(text[1]);
		text++;
	}
	return n;
}

void hex_write(FILE *f, const uint8_t *bytes, long n)
{
	static const char digits[] = "0123456789abcdef";

	for (long i = 0; i < n; i++) {
		putc(digits[bytes[i] >> 4], f);
		putc(digits[bytes[i] & 15], f);
	}
}
