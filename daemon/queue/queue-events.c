/* SPDX-License-Identifier: BSD-2-Clause */
#include "queue-events.h"

#include <stdio.h>

#include "io/clock.h"

void queue_events_tell(struct queue_events *q, const struct tm_rules *rules, const uint8_t *before, uint32_t len,
		       const struct pk_result *result, enum tm_direction direction)
{
	const struct tm_image image = { .words = (uint32_t *)rules->image.image, .count = rules->image.words };
	uint32_t head = q->head, tail = __atomic_load_n(&q->tail, __ATOMIC_ACQUIRE);
	struct queue_event *e = &q->ring[head % QUEUE_EVENTS];

	if (!result->syn || !(queue_events_watched(q) & (1u << result->reason | result->also)))
		return;
	if (head - tail >= QUEUE_EVENTS) {
		__atomic_store_n(&q->left_out, q->left_out + 1, __ATOMIC_RELAXED);
		return;
	}
	if (!tm_event_frame(&e->syn, rules, &image, PK_LINK_RAW, before, len, result, direction))
		return;
	e->time = io_clock_ns(CLOCK_REALTIME);
	__atomic_store_n(&q->head, head + 1, __ATOMIC_RELEASE);
}

void queue_events_read(struct queue_events *q, const char *hook, io_events_take take, void *ctx)
{
	uint32_t head = __atomic_load_n(&q->head, __ATOMIC_ACQUIRE), tail = q->tail;
	struct tm_event event = { .kind = TM_EVENT_SYN };

	if (head - tail > QUEUE_EVENTS) /* no worker of ours writes that */
		tail = head;
	snprintf(event.hook, sizeof(event.hook), "%s", hook);
	for (; tail != head; tail++) {
		const struct queue_event from =
			q->ring[tail % QUEUE_EVENTS]; /* a copy: it may change while it is checked */

		event.time = from.time;
		event.syn = from.syn;
		if (tm_event_check(&event))
			take(ctx, &event);
	}
	__atomic_store_n(&q->tail, tail, __ATOMIC_RELEASE);
}
