/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the manager answers to the questions of the front.
 */
#ifndef DAEMON_ANSWERS_H
#define DAEMON_ANSWERS_H

#include "daemon/front/front.h"
#include "reload.h"
#include "watching.h"

struct answers {
	struct hooks *hooks;
	struct reload *reload;
	struct watching *watching;
	const char *file; /* the configuration's own */
};

/* A struct front's `take`; ctx: struct answers. */
void answers_take(void *ctx, struct front *f, const struct channel_message *m);

#endif
