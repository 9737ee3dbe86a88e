/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the manager: what the learner has to do, made of hooks and configuration.
 */
#ifndef DAEMON_LEARNER_ORDER_H
#define DAEMON_LEARNER_ORDER_H

#include "daemon/manager/hooks.h"
#include "learning.h"

/* A struct learn_order and what belongs behind it, for free(); NULL without memory. */
char *learner_order_make(const struct hooks *h, size_t *length);

/* The same in a memory file, to be passed on. Its descriptor, or −errno with *e filled. */
int learner_order_file(const char *order, size_t length, struct tm_error *e);

/* An asking_answered: logs what is wrong. */
void learner_order_done(void *ctx, int status, const char *text, size_t len);

#endif
