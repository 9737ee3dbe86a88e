/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What "tcpmss watch" shows of the events, and what it leaves out.
 */
#ifndef CLI_WATCH_LINES_H
#define CLI_WATCH_LINES_H

#include <jansson.h>

#include "lib/report/event-filter.h"

struct cli_watch {
	struct tm_event_filter filter;
	bool json;
	unsigned rate; /* lines a second, 0: any number */
	int signals; /* descriptor: one that ends the watch has come */
	/* its own */
	unsigned shown; /* in this second */
	uint64_t second; /* when it began: CLOCK_MONOTONIC in ns */
	struct tm_event_left_out left_out; /* not told yet */
	bool broken; /* standard output takes nothing more */
};

/* An io_events_take; ctx: struct cli_watch. */
void cli_watch_take(void *ctx, const struct tm_event *event);

/* A line of the daemon's, which knows the filter. */
void cli_watch_take_line(struct cli_watch *w, const json_t *line);

/* To be called often: begins a new second where it is time, and tells what was left out in the old one. */
void cli_watch_look(struct cli_watch *w);

/* A line of its own on what was left out and not told yet, if there is something. */
void cli_watch_left_out(struct cli_watch *w);

#endif
