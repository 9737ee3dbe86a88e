/* SPDX-License-Identifier: BSD-2-Clause */
#include "conflicts.h"

#include <string.h>

#define NEARLY 90 /* percent of a table */

/* What a rule and a block have in common: nothing, perhaps something, packets of the block's services. */
enum match { NOTHING, PERHAPS, SOMETHING };

static bool same_ports(const struct tm_tracking_rule *r, const struct tm_config_protect *p)
{
	for (size_t i = 0; i < r->port_count; i++)
		for (size_t k = 0; k < p->port_count; k++)
			if (r->ports[i].first <= p->ports[k].last && p->ports[k].first <= r->ports[i].last)
				return true;
	return !r->port_count;
}

/* Whether one holds the other. */
static bool overlap(const struct tm_prefix *a, const struct tm_prefix *b)
{
	unsigned len = a->len < b->len ? a->len : b->len, bytes = len / 8, bits = len % 8;

	if (a->ipv6 != b->ipv6 || memcmp(a->addr, b->addr, bytes))
		return false;
	return !bits || (a->addr[bytes] ^ b->addr[bytes]) >> (8 - bits) == 0;
}

static bool same_servers(const struct tm_prefix *prefix, const struct tm_config_protect *p)
{
	for (size_t i = 0; i < p->server_count; i++)
		if (overlap(prefix, &p->servers[i].range))
			return true;
	return false;
}

static bool same_device(const char *device, const struct tm_config_protect *p)
{
	for (size_t i = 0; i < p->device_count; i++)
		if (!strcmp(p->devices[i], device))
			return true;
	return false;
}

static enum match match(const struct tm_tracking_rule *r, const struct tm_config_protect *p)
{
	if (!same_ports(r, p) || (r->has_server && !same_servers(&r->server, p)))
		return NOTHING;
	if (r->narrow || (r->has_source && !same_servers(&r->source, p)) || (*r->device && !same_device(r->device, p)))
		return PERHAPS;
	return SOMETHING;
}

/* "raw PREROUTING" of "iptables raw PREROUTING": nft lists the tables of iptables, too. */
static const char *place_of(const char *where)
{
	const char *chain = strrchr(where, ' '), *p = chain;

	while (p && p > where && p[-1] != ' ')
		p--;
	return p ? p : where;
}

static bool told(const struct tm_firewall *w, size_t index, const struct tm_config_protect *p)
{
	for (size_t i = 0; i < index; i++)
		if (match(&w->tracking[i], p) == match(&w->tracking[index], p) &&
		    w->tracking[i].kind == w->tracking[index].kind &&
		    !strcmp(place_of(w->tracking[i].where), place_of(w->tracking[index].where)))
			return true;
	return false;
}

static void judge(struct tm_findings *f, const struct tm_tracking_rule *r, const struct tm_config_protect *p,
		  bool perhaps)
{
	enum tm_result result = perhaps ? TM_WARNING : TM_FAULT;

	switch (r->kind) {
	case TM_TRACKING_SYNPROXY:
		tm_find(f, result, "other-synproxy", p->name, "%s has a SYNPROXY rule %s", r->where,
			perhaps ? "that may be for services of the block" : "for the same services");
		tm_advise(f, "take that rule and its 'notrack' away: the block does what it did");
		break;
	case TM_TRACKING_OFF:
		tm_find(f, result, "not-tracked", p->name, "%s has a rule that turns connection tracking off, %s",
			r->where, perhaps ? "perhaps for services of the block" : "for services of the block");
		tm_advise(f,
			  "leave the protected servers and ports out of it: a cookie's connection has to be tracked");
		break;
	case TM_TRACKING_INVALID:
		tm_find(f, result, "invalid-dropped", p->name,
			"%s drops what is 'invalid' before protect sees it%s: the ACK that brings a cookie is",
			r->where, perhaps ? ", some of it" : "");
		tm_advise(f, "drop it in a chain of hook forward with priority 0, or not for the protected servers");
		break;
	case TM_TRACKING_POLICY:
		tm_find(f, TM_WARNING, "output-policy", p->name,
			"%s drops what no rule accepts: what SYNPROXY sends leaves through there", r->where);
		tm_advise(f, "accept TCP to%s the protected servers there (state 'new'%s)",
			  p->accelerator == TM_ACCELERATOR_NONE ? " and from" : "",
			  p->accelerator == TM_ACCELERATOR_NONE ? " and 'untracked'" : "");
		break;
	}
}

void tm_judge_protect_rules(struct tm_findings *f, const struct tm_firewall *w, const struct tm_config_protect *p)
{
	for (size_t i = 0; i < w->tracking_count; i++) {
		enum match found = match(&w->tracking[i], p);

		if (found != NOTHING && !told(w, i, p))
			judge(f, &w->tracking[i], p, found == PERHAPS);
	}
}

#define CONNTRACK "conntrack"

bool tm_conflict_forbids(const struct tm_finding *finding)
{
	return finding->result == TM_FAULT && strcmp(finding->name, CONNTRACK);
}

void tm_judge_conntrack(struct tm_findings *f, const struct tm_conntrack_facts *c)
{
	if (!c->there) {
		tm_find(f, TM_FAULT, CONNTRACK, NULL, "this kernel tracks no connections here: SYNPROXY cannot work");
		tm_advise(f, "modprobe nf_conntrack");
	} else if (c->count >= c->max / 100 * NEARLY) {
		tm_find(f, TM_WARNING, CONNTRACK, NULL, "%ld of %ld connections are tracked: new ones will be refused",
			c->count, c->max);
		tm_advise(f, "sysctl net.netfilter.nf_conntrack_max=%ld", c->max * 4);
	}
}

/* What comes in there is routed from the master's side, or not at all; a VRF is none of these. */
static bool takes_packets(const char *kind)
{
	static const char *const kinds[] = { "bridge", "bond", "team", "openvswitch" };

	for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return false;
}

void tm_judge_protect_device(struct tm_findings *f, const struct tm_config_protect *p,
			     const struct tm_protect_port_facts *d)
{
	if (!d->there) {
		tm_find(f, TM_WARNING, "protect-device", p->name, "there is no device '%s' now", d->name);
	} else if (takes_packets(d->master_kind)) {
		tm_find(f, TM_FAULT, "protect-device", p->name,
			"'%s' is a port of %s '%s': no packets are routed through it, and SYNPROXY sees only what is routed",
			d->name, d->master_kind, d->master);
		tm_advise(f, "name '%s', where this machine routes between it and the servers", d->master);
	}
}
