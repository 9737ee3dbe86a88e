/* SPDX-License-Identifier: BSD-2-Clause */
#include "control-watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "lib/report/event-json.h"

#define WAITING_MOST (256u << 10) /* bytes of lines that wait for one client */

int control_watch_begin(struct control_client *client, const json_t *request, struct tm_error *e)
{
	struct tm_event_filter filter;
	int err = tm_event_filter_read(&filter, request, e);

	if (err)
		return err;
	client->watch = calloc(1, sizeof(*client->watch));
	if (!client->watch)
		return tm_error_code(e, -ENOMEM, "out of memory");
	client->watch->filter = filter;
	return 0;
}

uint32_t control_watch_reasons(const struct control *c)
{
	uint32_t reasons = 0;

	for (const struct control_client *i = c->clients; i; i = i->next)
		if (i->watch)
			reasons |= tm_event_filter_reasons(&i->watch->filter);
	return reasons;
}

static void say(struct control_client *client, const struct tm_event *event)
{
	json_t *document = tm_event_json(event);
	char *line = document ? json_dumps(document, JSON_COMPACT) : NULL;
	size_t len = line ? strlen(line) : 0;

	json_decref(document);
	if (line)
		line[len++] = '\n'; /* where its NUL was */
	if (!line || !control_client_say(client, line, len))
		client->watch->left_out++;
	free(line);
}

static void say_left_out(struct control_client *client)
{
	struct tm_event event;

	if (!client->watch->left_out)
		return;
	tm_event_notice(&event, TM_EVENT_LEFT_OUT, io_clock_ns(CLOCK_REALTIME), NULL, NULL, NULL);
	event.left_out.daemon = client->watch->left_out;
	client->watch->left_out = 0;
	say(client, &event);
}

/* What was left out before counts on, whatever says so. */
static void leave_out(struct control_watch *w, const struct tm_event *event)
{
	if (event->kind == TM_EVENT_LEFT_OUT)
		w->left_out += event->left_out.kernel + event->left_out.daemon;
	else
		w->left_out++;
}

void control_watch_event(struct control *c, const struct tm_event *event)
{
	struct control_client *next;

	for (struct control_client *i = c->clients; i; i = next) {
		next = i->next;
		if (!i->watch || i->state == CONTROL_ASKING || !tm_event_wanted(&i->watch->filter, event))
			continue;
		if (i->out_len - i->out_at > WAITING_MOST || c->out > CONTROL_OUT_MOST) {
			leave_out(i->watch, event);
			continue;
		}
		say_left_out(i);
		say(i, event);
	}
}

void control_watch_caught_up(struct control_client *client)
{
	say_left_out(client);
}

void control_watch_tell(struct control *c)
{
	const struct channel_request request = { .verb = CHANNEL_WATCH, .reasons = control_watch_reasons(c) };

	c->untold = asking_ask(c->asking, &request, -1, NULL, NULL) < 0;
}

void control_watch_end(struct control_client *client)
{
	if (!client->watch)
		return;
	free(client->watch);
	client->watch = NULL;
	control_watch_tell(client->control);
}
