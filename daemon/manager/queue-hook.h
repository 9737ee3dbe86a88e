/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks of mode nfqueue, as the manager has them.
 */
#ifndef DAEMON_QUEUE_HOOK_H
#define DAEMON_QUEUE_HOOK_H

#include "hook-kind.h"
#include "io/hook/event-ring.h"
#include "io/hook/hook.h"
#include "lib/report/hook-counters.h"

/* What can be told of a hook of kind hook_on_queue beside its configuration. */
struct queue_hook_view {
	bool alive; /* a worker reads the queue */
	pid_t worker; /* 0: none */
	uint32_t device_mtu; /* bytes: what `auto` stands for now, 0 for not known */
};

void queue_hook_view(const struct hook_state *s, struct queue_hook_view *view);

/* As io_hook_stats(): what is counted between a read and a clear is in the next read. Cannot fail. */
void queue_hook_stats(const struct hook_state *s, enum io_stats what, struct tm_hook_counters *counters);

/* Has the worker tell of these reasons (1 << reason), 0 for none; hands on what it told, and what it left out since the last call. */
void queue_hook_watch(const struct hook_state *s, uint32_t reasons, io_events_take take, void *ctx);

#endif
