/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the learner: what it tells by itself. Events, while somebody watches; numbers, always.
 */
#ifndef DAEMON_LEARNER_EVENTS_H
#define DAEMON_LEARNER_EVENTS_H

#include "daemon/channel.h"
#include "learner-paths.h"

struct learner_events {
	const struct learner_paths *paths;
	struct channel *channel;
	struct learn_shared *shared;
	uint64_t window; /* ms: when it began */
	unsigned told; /* in it */
	uint64_t left_out; /* not told of yet */
};

/* As in struct tm_learn_callbacks; ctx: struct learner_events. */
void learner_event_learned(void *ctx, const struct tm_evidence *e, enum tm_pmtu_outcome outcome);
void learner_event_refused(void *ctx, enum pk_refusal refusal, const struct tm_path *path, const uint8_t reporter[16],
			   uint32_t mtu, uint64_t now_ms);

/* As in struct learner_paths. */
void learner_event_changed(void *ctx, const struct tm_pmtu_entry *e, enum tm_pmtu_change change, uint16_t before);

void learner_tell_numbers(const struct learner_paths *p, struct learn_shared *shared);

#endif
