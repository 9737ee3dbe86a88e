/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor: whether the sockets of a transparent proxy hear of packets that are too big, where there seems to be one.
 */
#include <errno.h>

#include "doctor.h"
#include "io/net/policy.h"
#include "cli/tproxy/tproxy.h"

static const struct tm_finding *first_fault(const struct tm_findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->list[i].result == TM_FAULT)
			return &f->list[i];
	return NULL;
}

static void tell(struct doctor *d, const struct tproxy_trials *t)
{
	const struct tm_finding *fault = first_fault(&t->f);

	if (fault) {
		tm_find(&d->f, TM_WARNING, "transparent-proxy", NULL, "%s, %s: %s", fault->name, fault->hook,
			fault->text);
		tm_advise(&d->f, "if a proxy works with TPROXY here, its transfers may hang: tcpmss tproxy check");
	} else if (t->tried) {
		tm_find(&d->f, TM_OK, "transparent-proxy", NULL, "packet-too-big messages reach transparent sockets");
	}
}

void doctor_tproxy(struct doctor *d)
{
	struct tproxy_trials t = { 0 };
	struct tm_error e;
	int err = io_policy_read(&t.policy, &e);

	if (!err && tm_policy_proxies(&t.policy)) {
		err = tproxy_try(&t, NULL, 0, &e);
		d->denied |= err == -EPERM;
		if (err)
			tm_find(&d->f, TM_WARNING, "transparent-proxy", NULL, "could not be tried: %s", e.text);
		else
			tell(d, &t);
	}
	tproxy_trials_free(&t);
}
