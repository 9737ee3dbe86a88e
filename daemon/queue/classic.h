/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The classic daemon: one NFQUEUE, one limit.
 */
#ifndef DAEMON_CLASSIC_H
#define DAEMON_CLASSIC_H

#include <stdbool.h>
#include <stdint.h>

struct classic_options {
	uint16_t port; /* number of the queue */
	bool both; /* incoming segments too */
	bool foreground;
	bool verbose; /* with diagnostics */
	const char *device; /* whose MTU is followed, or NULL */
	uint32_t mtu; /* bytes, without a device */
	const char *pid_file; /* NULL: the usual one, or none in the foreground */
};

/* Runs it; an enum daemon_exit. */
int classic_run(const struct classic_options *o);

#endif
