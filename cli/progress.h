/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How far long work has come, on a terminal; nothing where standard error is none.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct cli_progress {
	uint64_t total; /* bytes; 0: not known */
	bool on;
	bool shown;
	uint64_t next; /* ms of the monotonic clock */
};

void cli_progress_begin(struct cli_progress *p, uint64_t total);

/* May be called often: shows at most five times a second. */
void cli_progress_at(struct cli_progress *p, uint64_t done);

/* Takes it off the terminal again. */
void cli_progress_end(struct cli_progress *p);

#endif
