/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL 200 /* ms */

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void cli_progress_begin(struct cli_progress *p, uint64_t total)
{
	*p = (struct cli_progress){ .total = total, .on = isatty(STDERR_FILENO) };
	if (p->on)
		p->next = now() + INTERVAL; /* short work shows nothing */
}

void cli_progress_at(struct cli_progress *p, uint64_t done)
{
	uint64_t t;

	if (!p->on || (t = now()) < p->next)
		return;
	p->next = t + INTERVAL;
	p->shown = true;
	if (p->total && done <= p->total)
		fprintf(stderr, "\r%3u %%\033[K", (unsigned)(100.0 * done / p->total));
	else
		fprintf(stderr, "\r%" PRIu64 " MB\033[K", done / 1000000);
}

void cli_progress_end(struct cli_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
