/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/doctor/firewall.h"
#include "tracking-parts.h"

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

void tm_tracking_address(struct tm_tracking_seen *s, const char *text, bool source)
{
	struct tm_prefix *p = source ? &s->rule.source : &s->rule.server;
	bool *has = source ? &s->rule.has_source : &s->rule.has_server;
	size_t len = strcspn(text, "/");
	char address[INET6_ADDRSTRLEN];
	unsigned most, bits;

	*p = (struct tm_prefix){ 0 };
	snprintf(address, sizeof(address), "%.*s", (int)len, text);
	p->ipv6 = inet_pton(AF_INET6, address, p->addr) == 1;
	most = p->ipv6 ? 128 : 32;
	bits = text[len] ? (unsigned)strtoul(text + len + 1, NULL, 10) : most;
	p->len = (uint8_t)bits;
	*has = !*has && bits <= most && (p->ipv6 || inet_pton(AF_INET, address, p->addr) == 1);
	s->rule.narrow |= !*has;
}

void tm_tracking_device(struct tm_tracking_seen *s, const char *name)
{
	size_t len;

	name += *name == '"';
	len = strcspn(name, "\"");
	s->other |= len == 2 && !strncmp(name, "lo", 2);
	if (*s->rule.device || !len || len >= sizeof(s->rule.device) || strpbrk(name, "*+@{!"))
		s->rule.narrow = true;
	else
		memcpy(s->rule.device, name, len);
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
