/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The learner: the process that reads what the datapath hands on of packet-too-big messages, and writes the table of learned paths.
 * It holds no capability and opens no file; the manager, who starts it and starts it anew when it ends, tells it what to do and keeps
 * its files.
 */
#ifndef DAEMON_LEARNER_H
#define DAEMON_LEARNER_H

#include "daemon/front/asking.h"
#include "daemon/child.h"
#include "daemon/front/front.h"
#include "io/hook/learn-maps.h"
#include "learner-file.h"
#include "learner-process.h"
#include "lib/config/config.h"
#include "lib/report/event.h"

struct hooks;

/* In the manager. */
struct learner {
	uv_loop_t *loop;
	struct front *front; /* whose clients ask; answers go there */
	void (*event)(void *ctx, const struct tm_event *event); /* may be NULL */
	void *ctx;
	/* its own */
	struct child child;
	struct learner_start start;
	struct io_learn_maps maps;
	void *table; /* of learned paths, to be read */
	size_t table_size;
	struct asking *asking; /* NULL: it does not run now */
	struct learner_file file;
	char *order; /* what was ordered last, in a piece; NULL: nothing yet */
	size_t order_len;
};

/* With loop, front, event and ctx set. 0 or −errno. */
int learner_init(struct learner *l);

/* Whether it was started: from then on it is there until the end, if only to keep what it knows. */
bool learner_there(const struct learner *l);

/* Whether it runs just now. */
bool learner_runs(const struct learner *l);

/* Whether this configuration can be put in force. 0, or -EOPNOTSUPP with *e filled. */
int learner_check(const struct learner *l, const struct tm_config *config, struct tm_error *e);

/* Starts it where the configuration wants it and it is not there yet: before hooks are attached. 0 or −errno with *e filled. */
int learner_start(struct learner *l, const struct tm_config *config, struct tm_error *e);

/* Hooks, devices or the configuration have changed: orders what follows from it. */
void learner_follow(struct learner *l, const struct hooks *h);

/* What was learned through a device is no longer true: the default route through it has changed. */
void learner_forget_device(struct learner *l, uint32_t ifindex);

/* A question of a client's, which is answered by and by. `before`: JSON that the answer is put behind, up to where it belongs; NULL: none. */
void learner_ask(struct learner *l, uint32_t id, const struct channel_request *r, const char *before);

/* Whether events are wanted. */
void learner_watch(struct learner *l, bool watched);

/* Its numbers as they are now. */
void learner_numbers(const struct learner *l, struct tm_path_numbers *n);

/* What hooks learn with; NULL: they do not learn. Its table; no head: none. `l` may be NULL. */
const struct io_learn_maps *learner_maps(const struct learner *l);
struct pk_learned_table learner_table(const struct learner *l);

/* Saves, which takes a moment in which the loop runs, and ends it. The table stays. */
void learner_end(struct learner *l);

/* When hooks have gone, or have been left: lets go of the maps, and takes them away where no hook is left that learns. */
void learner_tidy(struct learner *l);

#endif
