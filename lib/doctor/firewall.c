/* SPDX-License-Identifier: BSD-2-Clause */
#include "firewall.h"

#include <stdio.h>
#include <string.h>

static bool is_clamp(const struct tm_firewall_rule *r)
{
	return !r->queue;
}

void tm_judge_clamps(struct tm_findings *f, const struct tm_firewall *w, const struct tm_hook_facts *h)
{
	bool any = false;

	for (size_t i = 0; i < w->count; i++) {
		const struct tm_firewall_rule *r = &w->rules[i];
		uint16_t limit = r->ipv6 ? h->mss6 : h->mss4;

		if (!is_clamp(r))
			continue;
		any = true;
		if (r->mss && (!limit || r->mss < limit)) {
			tm_find(f, TM_FAULT, "other-clamp", h->name,
				"%s clamps to an MSS of %u, less than the %u of the hook: the hook is not what decides",
				r->where, r->mss, limit);
			tm_advise(f, "take that rule away, or give the hook --mss %u and take it away then", r->mss);
		} else {
			tm_find(f, TM_WARNING, "other-clamp", h->name, "%s clamps, too%s", r->where,
				r->mss ? "" : ", to the MTU of the route");
			tm_advise(f, "one clamp is enough: take that rule away");
		}
	}
	if (!any)
		tm_find(f, TM_OK, "other-clamp", h->name, "no rule of iptables or nftables clamps as well");
}

/* Its workers are called tcpmssd-something. */
static bool is_tcpmssd(const struct tm_listener *l)
{
	return !strncmp(l->program, "tcpmssd", 7);
}

static const struct tm_listener *reader(const struct tm_listener *list, size_t count, uint16_t queue)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].queue == queue)
			return &list[i];
	return NULL;
}

static void judge_queue_rule(struct tm_findings *f, const struct tm_firewall_rule *r,
			     const struct tm_listener *listeners, size_t count)
{
	uint32_t queue = r->first;
	const struct tm_listener *l = reader(listeners, count, r->first);

	while (l && queue < r->last) /* all of a range must be read */
		l = reader(listeners, count, (uint16_t)++queue);
	if (!l) {
		tm_find(f, TM_FAULT, "queue", NULL, "%s feeds queue %u, which nobody reads: %s", r->where, queue,
			r->bypass ? "its SYNs pass unclamped" : "its packets are dropped");
		tm_advise(f, "start tcpmssd -p %u, or take the rule away", queue);
	} else if (*l->program && !is_tcpmssd(l)) {
		tm_find(f, TM_OK, "queue", NULL, "%s feeds queue %u, which %s reads: not a clamp's", r->where, queue,
			l->program);
	} else if (!r->bypass) {
		tm_find(f, TM_FAULT, "queue", NULL,
			"%s feeds queue %u without bypass: should tcpmssd die, no connection can be made", r->where,
			queue);
		tm_advise(f, "tcpmssd -p %u --print-rules prints rules that fail open", queue);
	} else {
		tm_find(f, TM_OK, "queue", NULL, "%s feeds queue %u, which is read, and fails open", r->where, queue);
	}
}

void tm_judge_queues(struct tm_findings *f, const struct tm_firewall *w, const struct tm_listener *listeners,
		     size_t count)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->rules[i].queue)
			judge_queue_rule(f, &w->rules[i], listeners, count);
	for (size_t i = 0; i < count; i++) {
		bool fed = false;

		for (size_t r = 0; r < w->count; r++)
			fed |= w->rules[r].queue && w->rules[r].first <= listeners[i].queue &&
			       listeners[i].queue <= w->rules[r].last;
		if (fed || !is_tcpmssd(&listeners[i]))
			continue;
		tm_find(f, TM_FAULT, "queue", NULL, "tcpmssd reads queue %u, but no rule feeds it", listeners[i].queue);
		tm_advise(f, "tcpmssd -p %u --print-rules prints rules that do", listeners[i].queue);
	}
}
