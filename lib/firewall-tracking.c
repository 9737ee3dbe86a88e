/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdlib.h>

#include "doctor-firewall.h"
#include "firewall-tracking-parts.h"

void tm_tracking_port(struct tm_tracking_seen *s, const char *text)
{
	struct tm_port_range *range;
	char *end;

	if (!isdigit((unsigned char)*text) || s->rule.port_count == TM_TRACKING_PORTS)
		s->any_port = true;
	if (s->any_port)
		return;
	range = &s->rule.ports[s->rule.port_count++];
	range->first = range->last = (uint16_t)strtoul(text, &end, 10);
	if (*end == ':' || *end == '-')
		range->last = (uint16_t)strtoul(end + 1, NULL, 10);
}

void tm_tracking_keep(struct tm_firewall *w, struct tm_tracking_seen *s, enum tm_tracking_kind kind)
{
	if (s->other)
		return;
	if (w->tracking_count == TM_TRACKING_RULES) {
		w->more = true;
		return;
	}
	s->rule.kind = kind;
	if (s->any_port)
		s->rule.port_count = 0;
	w->tracking[w->tracking_count++] = s->rule;
}

void tm_tracking_judge(struct tm_firewall *w, struct tm_tracking_seen *s, bool early)
{
	if (s->synproxy)
		tm_tracking_keep(w, s, TM_TRACKING_SYNPROXY);
	else if (s->off)
		tm_tracking_keep(w, s, TM_TRACKING_OFF);
	else if (s->invalid && s->drop && early)
		tm_tracking_keep(w, s, TM_TRACKING_INVALID);
}
