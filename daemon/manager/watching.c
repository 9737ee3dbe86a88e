/* SPDX-License-Identifier: BSD-2-Clause */
#include "watching.h"

#include "io/clock.h"
#include "daemon/learner/learner.h"
#include "daemon/log.h"
#include "queue-hook.h"

#define TICK_MS 100 /* for the queues; the rings of BPF tell by themselves */
#define TICKS_OF_EVENTS (IO_EVENTS_TICK_MS / TICK_MS)

_Static_assert(sizeof(struct tm_event) <= CHANNEL_EVENT_MAX, "goes as one message");

/* The front may read slowly: what it does not take is counted. */
static void push(void *ctx, const struct tm_event *event)
{
	struct watching *w = ctx;
	struct tm_event lost;

	if (w->lost) {
		tm_event_notice(&lost, TM_EVENT_LEFT_OUT, event->time, NULL, NULL, NULL);
		lost.left_out.daemon = w->lost;
		if (front_event(w->front, &lost, sizeof(lost)))
			w->lost = 0;
	}
	if (front_event(w->front, event, sizeof(*event)))
		return;
	if (event->kind == TM_EVENT_LEFT_OUT)
		w->lost += event->left_out.kernel + event->left_out.daemon;
	else
		w->lost++;
}

static void each_queue(struct watching *w, uint32_t reasons)
{
	for (size_t i = 0; i < w->hooks->config.hook_count; i++)
		if (w->hooks->states[i].kind == &hook_on_queue)
			queue_hook_watch(&w->hooks->states[i], reasons, push, w);
}

void watching_notice(struct watching *w, enum tm_event_kind kind, const char *text)
{
	struct tm_event event;

	if (!w->reasons)
		return;
	tm_event_notice(&event, kind, io_clock_ns(CLOCK_REALTIME), NULL, NULL, text);
	push(w, &event);
}

void watching_event(void *ctx, const struct tm_event *event)
{
	struct watching *w = ctx;

	if (w->reasons)
		push(w, event);
}

static void stop(struct watching *w)
{
	w->reasons = 0;
	learner_watch(w->hooks->learner, false);
	w->lost = 0;
	uv_poll_stop(&w->poll);
	uv_timer_stop(&w->timer);
	io_events_end(&w->events, push, w);
	each_queue(w, 0);
}

static void on_events(uv_poll_t *poll, int status, int events)
{
	struct watching *w = poll->data;

	io_events_read(&w->events, push, w);
}

static int tick(struct watching *w, struct tm_error *e)
{
	each_queue(w, w->reasons);
	if (w->ticks++ % TICKS_OF_EVENTS)
		return 0;
	return io_events_tick(&w->events, w->reasons, push, w, e);
}

static void on_tick(uv_timer_t *timer)
{
	struct watching *w = timer->data;
	struct tm_error e;

	if (!w->front->channel ||
	    w->front->child.pid != w->asked_by) { /* the front has gone, and with it whoever watched */
		stop(w);
	} else if (tick(w, &e)) {
		log_line(LOG_ERR, "watching: %s", e.text);
		stop(w);
	}
}

static void on_error(void *ctx, const char *text)
{
	watching_notice(ctx, TM_EVENT_ERROR, text);
}

int watching_open(struct watching *w, uv_loop_t *loop, const struct hooks *hooks, struct front *front,
		  struct tm_error *e)
{
	int err;

	*w = (struct watching){ .hooks = hooks, .front = front };
	err = io_events_open(&w->events, "", e);
	if (err)
		return err;
	err = uv_poll_init(loop, &w->poll, io_events_fd(&w->events));
	if (!err)
		err = uv_timer_init(loop, &w->timer);
	w->poll.data = w->timer.data = w;
	log_tap_errors(on_error, w);
	return err ? tm_error_code(e, err, "watching: %s", uv_strerror(err)) : 0;
}

int watching_set(struct watching *w, uint32_t reasons, struct tm_error *e)
{
	int err;

	if (!reasons) {
		stop(w);
		return 0;
	}
	w->reasons = reasons;
	w->asked_by = w->front->child.pid;
	w->ticks = 0;
	learner_watch(w->hooks->learner, true);
	err = tick(w, e);
	if (!err)
		err = uv_poll_start(&w->poll, UV_READABLE, on_events);
	if (!err)
		err = uv_timer_start(&w->timer, on_tick, TICK_MS, TICK_MS);
	if (err)
		stop(w);
	return err;
}

void watching_close(struct watching *w)
{
	log_tap_errors(NULL, NULL);
	if (w->reasons)
		stop(w);
	io_events_close(&w->events);
}
