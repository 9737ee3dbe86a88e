/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the learner: what the manager asks and orders, for itself and for clients.
 */
#ifndef DAEMON_LEARNER_ANSWERS_H
#define DAEMON_LEARNER_ANSWERS_H

#include "daemon/channel.h"
#include "learner-state.h"

struct learner_answers {
	struct learner_paths *paths;
	struct channel *channel;
	struct learner_saving saving;
};

void learner_answers_open(struct learner_answers *a, struct learner_paths *paths, struct channel *channel);

/* A question. */
void learner_answers_take(struct learner_answers *a, const struct channel_message *m);

/* A piece of what takes more than one turn of the loop. True: there is more. */
bool learner_answers_more(struct learner_answers *a);

#endif
