/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events of an nfqueue hook: a ring in the memory that its worker and the manager share. The worker writes, the manager reads, and
 * believes nothing that it finds there.
 */
#ifndef DAEMON_QUEUE_EVENTS_H
#define DAEMON_QUEUE_EVENTS_H

#include "io/hook/event-ring.h"
#include "lib/report/event-frame.h"

#define QUEUE_EVENTS 512 /* a power of two; the manager takes them ten times a second */

struct queue_event {
	uint64_t time; /* ns since 1970 */
	struct tm_event_syn syn;
};

struct queue_events {
	uint32_t reasons; /* written by the manager: 1 << reason for those that are watched; 0: nobody watches */
	uint32_t tail; /* likewise: the number of the next that it reads */
	uint32_t head; /* written by the worker: the number of the next that it writes */
	uint32_t pad;
	uint64_t left_out; /* likewise: events that found no room; it only grows */
	struct queue_event ring[QUEUE_EVENTS];
};

/* Which reasons are watched. `q` may be null. */
static inline uint32_t queue_events_watched(const struct queue_events *q)
{
	return q ? __atomic_load_n(&q->reasons, __ATOMIC_RELAXED) : 0;
}

/* In the worker: a packet has been clamped; see tm_event_frame(). */
void queue_events_tell(struct queue_events *q, const struct tm_rules *rules, const uint8_t *before, uint32_t len,
		       const struct pk_result *result, enum tm_direction direction);

/* In the manager: hands on what has come. `hook`: its name. */
void queue_events_read(struct queue_events *q, const char *hook, io_events_take take, void *ctx);

#endif
