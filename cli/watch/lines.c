/* SPDX-License-Identifier: BSD-2-Clause */
#include "lines.h"

#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "lib/report/event-json.h"
#include "text.h"

static void print(struct cli_watch *w, const json_t *document)
{
	if (w->json) {
		json_dumpf(document, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		cli_watch_text(stdout, document);
	}
	w->broken |= ferror(stdout);
}

static void print_event(struct cli_watch *w, const struct tm_event *event)
{
	json_t *document = tm_event_json(event);

	print(w, document);
	json_decref(document);
}

/* Whether a line that the rate applies to may be shown; else it is counted. */
static bool may_show(struct cli_watch *w)
{
	if (w->rate && w->shown >= w->rate) {
		w->left_out.rate++;
		return false;
	}
	w->shown++;
	return true;
}

void cli_watch_take(void *ctx, const struct tm_event *event)
{
	struct cli_watch *w = ctx;

	if (event->kind == TM_EVENT_LEFT_OUT)
		w->left_out.kernel += event->left_out.kernel;
	else if (tm_event_wanted(&w->filter, event) && (event->kind != TM_EVENT_SYN || may_show(w)))
		print_event(w, event);
}

void cli_watch_take_line(struct cli_watch *w, const json_t *line)
{
	const char *kind = json_string_value(json_object_get(line, "event"));

	if (kind && !strcmp(kind, tm_event_kind_name(TM_EVENT_LEFT_OUT))) {
		w->left_out.kernel += (uint64_t)json_integer_value(json_object_get(line, "kernel"));
		w->left_out.daemon += (uint64_t)json_integer_value(json_object_get(line, "daemon"));
	} else if (kind && (strcmp(kind, tm_event_kind_name(TM_EVENT_SYN)) || may_show(w))) {
		print(w, line);
	}
}

void cli_watch_left_out(struct cli_watch *w)
{
	struct tm_event event;

	if (!w->left_out.kernel && !w->left_out.daemon && !w->left_out.rate)
		return;
	tm_event_notice(&event, TM_EVENT_LEFT_OUT, io_clock_ns(CLOCK_REALTIME), NULL, NULL, NULL);
	event.left_out = w->left_out;
	w->left_out = (struct tm_event_left_out){ 0 };
	print_event(w, &event);
}

void cli_watch_look(struct cli_watch *w)
{
	uint64_t now = io_clock_ns(CLOCK_MONOTONIC);

	if (now - w->second < 1000000000)
		return;
	w->second = now;
	w->shown = 0;
	cli_watch_left_out(w);
}
