/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages of ng_tcpmss(4) in the notation of ngctl(8).
 *
 * A structure is `{ name=value name=value }` in any order, each name once; strings are in double quotes, with the escapes of C;
 * numbers are decimal, octal (0) or hexadecimal (0x). Where the parser of netgraph passes over something (letters behind a number, words
 * behind the closing brace, 65536 less one written as -1) this one refuses it. In an answer fields that are zero are left out,
 * as ngctl has it: all zero is `{}`.
 */
#ifndef TM_NGCTL_H
#define TM_NGCTL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/clamp.h"
#include "lib/error.h"
#include "lib/report/stats.h"
#include "lib/words.h"

enum tm_ng_command { TM_NG_CONFIG, TM_NG_GETSTATS, TM_NG_CLRSTATS, TM_NG_GETCLRSTATS };

struct tm_ng_message {
	enum tm_ng_command command;
	char in[TM_HOOK_NAME]; /* config: inHook; of the others the hook that is meant */
	char out[TM_HOOK_NAME]; /* config: outHook */
	uint16_t mss; /* config: maxMSS in bytes, 0: no limit of this kind */
};

/*
 * Parses "config { … }", "getstats "NAME"" and the like. A name alone needs no quotes, as a shell takes them away. 0, or
 * -EINVAL with *e filled.
 */
int tm_ng_parse(struct tm_ng_message *m, const char *text, struct tm_error *e);

/* Bytes that an answer needs at most. */
#define TM_NG_ANSWER 160

/* The answer to getstats: struct ng_tcpmss_hookstat. */
void tm_ng_stats_text(char text[TM_NG_ANSWER], const struct tm_counters *counters, uint16_t mss);

#endif
