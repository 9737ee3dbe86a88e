/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon.h"

void tm_judge_daemon(struct tm_findings *f, const struct tm_daemon_facts *d)
{
	switch (d->state) {
	case TM_DAEMON_NONE:
		tm_find(f, TM_OK, "daemon", NULL, "no tcpmssd answers here: hooks on devices work without");
		return;
	case TM_DAEMON_ELSEWHERE:
		tm_find(f, TM_OK, "daemon", NULL, "tcpmssd runs, for another network namespace");
		return;
	case TM_DAEMON_REFUSES:
		tm_find(f, TM_WARNING, "daemon", NULL, "%s", d->why);
		return;
	case TM_DAEMON_FAILS:
		tm_find(f, TM_FAULT, "daemon", NULL, "tcpmssd is there, but does not answer: %s", d->why);
		tm_advise(f, "look what its log says, and start it anew");
		return;
	case TM_DAEMON_ANSWERS:
		break;
	}
	tm_find(f, TM_OK, "daemon", NULL, "tcpmssd answers (process %d, configuration %s)", d->pid, d->file);
	if (d->seconds_to_confirm) {
		tm_find(f, TM_WARNING, "daemon", NULL, "its configuration is on trial: it goes back by itself in %d s",
			d->seconds_to_confirm);
		tm_advise(f, "tcpmss confirm keeps it, tcpmss undo goes back at once");
	}
}

void tm_judge_daemon_hook(struct tm_findings *f, const struct tm_daemon_hook *h)
{
	if (h->alive) {
		tm_find(f, TM_OK, "daemon", h->name, "tcpmssd reads its queue");
	} else if (h->queue) {
		tm_find(f, TM_FAULT, "daemon", h->name, "%s", h->why);
		tm_advise(f, "look what tcpmssd's log says");
	} else {
		tm_find(f, TM_WARNING, "daemon", h->name, "%s", h->why);
		tm_advise(f, "tcpmssd attaches it when its device is there; if it is, its log says what else is wrong");
	}
}
