/* SPDX-License-Identifier: BSD-2-Clause */
#include "learner-events.h"

#include <string.h>

#include "io/clock.h"
#include "lib/report/event.h"

/* A flood of forgeries is told of as a number: this many events a second, the rest is left out. */
#define WINDOW_MS 1000
#define TOLD_MOST 500
#define WAITING_MOST (64u << 10) /* bytes of events that the manager has not taken */

static bool pass(struct learner_events *s, const struct tm_event *event)
{
	struct channel_header head = { .type = CHANNEL_EVENT };

	return !channel_send(s->channel, head, event, sizeof(*event), -1, WAITING_MOST);
}

static void tell(struct learner_events *s, struct tm_event *event, uint32_t tag)
{
	const struct tm_tag *t = learner_tag(s->paths, tag);
	struct tm_event lost;

	event->time = io_clock_ns(CLOCK_REALTIME);
	if (t)
		memcpy(event->device, t->device, sizeof(event->device));
	if (s->paths->now - s->window >= WINDOW_MS) {
		s->window = s->paths->now;
		s->told = 0;
	}
	if (s->told >= TOLD_MOST) {
		s->left_out++;
		return;
	}
	s->told++;
	if (s->left_out) {
		tm_event_notice(&lost, TM_EVENT_LEFT_OUT, event->time, NULL, NULL, NULL);
		lost.left_out.daemon = s->left_out;
		if (pass(s, &lost))
			s->left_out = 0;
	}
	if (!pass(s, event))
		s->left_out++;
}

static bool watched(const struct learner_events *s)
{
	return __atomic_load_n(&s->shared->watched, __ATOMIC_RELAXED);
}

void learner_event_learned(void *ctx, const struct tm_evidence *e, enum tm_pmtu_outcome outcome)
{
	/* The engine has told of it already: learner_event_changed() */
}

void learner_event_refused(void *ctx, enum pk_refusal refusal, const struct tm_path *path, const uint8_t reporter[16],
			   uint32_t mtu, uint64_t now_ms)
{
	struct learner_events *s = ctx;
	struct tm_pmtu_entry known;
	struct tm_event event = { .kind = TM_EVENT_REFUSED };

	if (!watched(s))
		return;
	event.path.family = path->ipv6 ? PK_IPV6 : PK_IPV4;
	event.path.refusal = refusal;
	event.path.origin = mtu ? TM_PMTU_PTB : TM_PMTU_PTB0;
	event.path.from = tm_pmtu_find(s->paths->engine, path, &known) ? known.pmtu : 0;
	event.path.to = mtu < 65535 ? mtu : 65535;
	memcpy(event.path.address, path->addr, sizeof(event.path.address));
	memcpy(event.path.reporter, reporter, sizeof(event.path.reporter));
	tell(s, &event, path->tag);
}

void learner_event_changed(void *ctx, const struct tm_pmtu_entry *e, enum tm_pmtu_change change, uint16_t before)
{
	static const enum tm_event_kind kinds[] = {
		[TM_PMTU_NEW_VALUE] = TM_EVENT_LEARNED, [TM_PMTU_RESTARTED] = TM_EVENT_KINDS,
		[TM_PMTU_RAISED] = TM_EVENT_RAISED,	[TM_PMTU_AGED_OUT] = TM_EVENT_AGED,
		[TM_PMTU_DELETED] = TM_EVENT_KINDS,	[TM_PMTU_EVICTED] = TM_EVENT_KINDS,
	};
	struct learner_events *s = ctx;
	struct tm_event event = { .kind = kinds[change] };

	if (event.kind == TM_EVENT_KINDS || !watched(s))
		return;
	event.path.family = e->path.ipv6 ? PK_IPV6 : PK_IPV4;
	event.path.nodf = e->nodf;
	event.path.origin = e->origin;
	event.path.from = before;
	event.path.to = e->pmtu;
	memcpy(event.path.address, e->path.addr, sizeof(event.path.address));
	memcpy(event.path.reporter, e->reporter, sizeof(event.path.reporter));
	tell(s, &event, e->path.tag);
}

static void set(uint64_t *number, uint64_t value)
{
	__atomic_store_n(number, value, __ATOMIC_RELAXED);
}

void learner_tell_numbers(const struct learner_paths *p, struct learn_shared *shared)
{
	struct tm_path_numbers *n = &shared->numbers;
	struct tm_learn_counts learn;
	struct tm_pmtu_counts engine;

	tm_learn_count(p->learn, &learn);
	tm_pmtu_count(p->engine, &engine);
	for (int i = 0; i < 4; i++)
		set(&n->by_state[i], engine.by_state[i]);
	set(&n->ptbs, learn.ptbs);
	set(&n->ignored, learn.ignored);
	set(&n->lowered, learn.lowered);
	set(&n->confirmed, learn.confirmed);
	for (int i = 0; i < PK_REFUSAL_COUNT; i++)
		set(&n->refused[i], learn.refused[i]);
	set(&n->raised, engine.raised);
	set(&n->aged, engine.aged_out);
	set(&n->evicted, engine.evicted);
	set(&n->no_room, p->table.refused);
	set(&n->watching, learn.watching);
}
