/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the learner: paths go to a file and come from one. The manager opens and names the files (learner-file.h).
 */
#ifndef DAEMON_LEARNER_STATE_H
#define DAEMON_LEARNER_STATE_H

#include "learner-paths.h"

/* A file on its way out, a piece in each turn of the loop. */
struct learner_saving {
	int fd; /* -1: none */
	uint32_t question; /* of the manager */
	uint32_t cursor;
	uint64_t records;
};

/* Takes the descriptor over. 0 or −errno with *e filled. */
int learner_save_begin(struct learner_saving *s, struct learner_paths *p, int fd, uint32_t question,
		       struct tm_error *e);

/* 1: go on; 0: done, the file is on the disk and closed; −errno with *e filled: it has failed, and is closed. */
int learner_save_more(struct learner_saving *s, const struct learner_paths *p, struct tm_error *e);

/*
 * Takes up what a file has, aged by the time that has passed since; it does not close the descriptor. How many paths; -EINVAL with *e
 * filled: the file is broken, and nothing was taken up; other −errno with *e filled.
 */
int learner_load(struct learner_paths *p, int fd, struct tm_error *e);

#endif
