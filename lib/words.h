/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words that people write, on a command line or in a file: numbers, switches, names.
 */
#ifndef TM_WORDS_H
#define TM_WORDS_H

#include <stdbool.h>

#include "lib/error.h"

#define TM_HOOK_NAME 32 /* bytes of a hook's name, NUL included */
#define TM_DEVICE_NAME 16 /* of a network device's */

/* Decimal digits only: no sign, no blanks, no suffix. False, and *value as it was, where it is none from min to max. */
bool tm_number(const char *text, unsigned min, unsigned max, unsigned *value);

/* true, yes, on; false, no, off */
bool tm_switch(const char *text, bool *value);

/* 0, or -EINVAL with *e filled where it is no name for a hook: letters, digits and ".-_:@+", not starting with a dot. */
int tm_hook_name_check(const char *name, struct tm_error *e);

/* Whether Linux could have a device of that name. */
bool tm_device_name_good(const char *name);

/* What carries a wire. Auto: XDP where both drivers can and nothing is lost by it, else tc. */
enum tm_via { TM_VIA_AUTO, TM_VIA_XDP, TM_VIA_TC };

/* "auto", "xdp", "tc" */
const char *tm_via_name(enum tm_via via);

/* The other way round; false for another word. */
bool tm_via_find(const char *word, enum tm_via *via);

#endif
