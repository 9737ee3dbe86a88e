/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A look at the characters of a configuration before libconfuse gets them.
 *
 * libconfuse stops at the first thing it does not like, counts lines wrongly behind comments, passes over stray characters without a
 * word, stays inside a string that is never closed, also for the next file, and puts in environment variables. So what it is
 * given has no comments, no stray characters and only whole strings; and it is told beforehand which words could be names
 * that nobody knows, so that it can go on behind them.
 */
#ifndef TM_CONFIG_SCAN_H
#define TM_CONFIG_SCAN_H

#include <stdbool.h>

#include "errors.h"

enum tm_statement { TM_SETTING, TM_BLOCK, TM_TITLED_BLOCK }; /* NAME = …, NAME { … }, NAME WORD { … } */

struct tm_scan_name {
	char *name;
	enum tm_statement kind;
	bool inside; /* of a block */
};

/* Owns what it points to. */
struct tm_scan {
	struct tm_scan_name *names; /* that statements begin with, each once inside and once outside of blocks */
	size_t name_count;
	unsigned *block_lines; /* where each outermost block begins */
	size_t block_count, block_room;
};

/* Names beyond that many are not told; libconfuse then stops at the first of them that it does not know. */
#define TM_SCAN_NAMES 32

/*
 * Scans `text` (len bytes) and blanks out its comments. 0; -EINVAL with errors added: it is not for libconfuse; -ENOMEM.
 * tm_scan_free() in each case.
 */
int tm_scan(struct tm_scan *scan, const char *file, char *text, size_t len, struct tm_config_errors *errors);

void tm_scan_free(struct tm_scan *scan);

#endif
