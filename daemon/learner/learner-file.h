/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the manager: the file that keeps learned paths while nobody runs. The learner writes and reads what is in it, through descriptors
 * that it is given.
 */
#ifndef DAEMON_LEARNER_FILE_H
#define DAEMON_LEARNER_FILE_H

#include <stdbool.h>
#include <uv.h>

#include "daemon/front/asking.h"
#include "lib/config/config.h"

struct learner_file {
	char path[TM_STATE_PATH]; /* "": none */
	uv_timer_t timer;
	struct asking *asking; /* the learner that is asked; NULL: none */
	bool loaded; /* that one has what there was: only then it may be written over */
	bool saving;
	bool failed; /* the last time, which was told */
};

/* 0 or −errno. */
int learner_file_init(struct learner_file *f, uv_loop_t *loop);

/* A learner has begun: it is given what there is, and asked every few minutes for what it has. */
void learner_file_begin(struct learner_file *f, struct asking *asking);

/* It has ended. */
void learner_file_stop(struct learner_file *f);

/* Saves now. False where there is nothing to wait for; else f->saving goes when it is done. */
bool learner_file_save(struct learner_file *f);

#endif
