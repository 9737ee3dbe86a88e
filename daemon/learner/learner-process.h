/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs in the learner (learner.h).
 */
#ifndef DAEMON_LEARNER_PROCESS_H
#define DAEMON_LEARNER_PROCESS_H

#include "learning.h"

/* What it is started with. */
struct learner_start {
	uint32_t entries; /* paths that there is room for */
	int table, ring, state; /* maps (io/hook/learn-maps.h) */
	struct learn_shared *shared;
};

/* Gives up all rights, and learns until the channel to the manager ends. An exit status. */
int learner_process(int channel, const struct learner_start *start);

#endif
