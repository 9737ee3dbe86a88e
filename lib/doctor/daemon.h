/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judges tcpmssd and the hooks that it knows of.
 */
#ifndef TM_DOCTOR_DAEMON_H
#define TM_DOCTOR_DAEMON_H

#include "doctor.h"

enum tm_daemon_state {
	TM_DAEMON_NONE, /* nobody at its socket */
	TM_DAEMON_ELSEWHERE, /* it serves another network namespace */
	TM_DAEMON_REFUSES, /* no right to ask it */
	TM_DAEMON_FAILS, /* it is there, but does not answer as it should */
	TM_DAEMON_ANSWERS,
};

struct tm_daemon_facts {
	enum tm_daemon_state state;
	const char *why; /* it fails or refuses: a sentence */
	const char *file; /* it answers: its configuration, */
	int pid;
	int seconds_to_confirm; /* of a reload, 0: none */
};

void tm_judge_daemon(struct tm_findings *f, const struct tm_daemon_facts *d);

/* A hook that is not looked at otherwise: one of mode nfqueue, or one that is on no device. */
struct tm_daemon_hook {
	const char *name;
	const char *why; /* not alive: a sentence of the daemon's */
	bool queue; /* of mode nfqueue */
	bool alive;
};

void tm_judge_daemon_hook(struct tm_findings *f, const struct tm_daemon_hook *h);

#endif
