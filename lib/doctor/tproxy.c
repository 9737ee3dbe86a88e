/* SPDX-License-Identifier: BSD-2-Clause */
#include "tproxy.h"

#include <stdarg.h>
#include <stdio.h>

static const char *family(const struct tm_tproxy_facts *t)
{
	return t->ipv6 ? "IPv6" : "IPv4";
}

static const char *ip(const struct tm_tproxy_facts *t)
{
	return t->ipv6 ? "ip -6" : "ip";
}

static void fault(struct tm_findings *f, const struct tm_tproxy_facts *t, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void fault(struct tm_findings *f, const struct tm_tproxy_facts *t, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	tm_find(f, TM_FAULT, family(t), t->device, "a packet-too-big message does not reach a transparent socket: %s",
		text);
}

/* The first rule by mark of this family, for `delivering` one whose table has a local default route. NULL: there is none. */
static const struct tm_policy_rule *by_mark(const struct tm_tproxy_facts *t, bool delivering)
{
	for (size_t i = 0; i < t->policy->rule_count; i++) {
		const struct tm_policy_rule *r = &t->policy->rules[i];

		if (r->ipv6 == t->ipv6 && r->mask && r->mark &&
		    (!delivering || tm_policy_delivers(t->policy, t->ipv6, r->table)))
			return r;
	}
	return NULL;
}

/* Whether some rule sends our mark to a local default route. */
static bool has_way(const struct tm_tproxy_facts *t)
{
	for (size_t i = 0; i < t->policy->rule_count; i++) {
		const struct tm_policy_rule *r = &t->policy->rules[i];

		if (r->ipv6 == t->ipv6 && r->mask && (t->mark & r->mask) == r->mark &&
		    tm_policy_delivers(t->policy, t->ipv6, r->table))
			return true;
	}
	return false;
}

static void no_policy(struct tm_findings *f, const struct tm_tproxy_facts *t)
{
	const struct tm_policy_rule *r = by_mark(t, false);

	if (r) {
		fault(f, t, "%s rule %u sends mark 0x%x to table %u, which has no local default route", ip(t),
		      r->priority, r->mark, r->table);
		tm_advise(f, "tcpmss tproxy up --mark 0x%x --table %u", r->mark, r->table);
	} else {
		fault(f, t, "no rule of '%s rule' sends marked packets to a local default route", ip(t));
		tm_advise(f, "tcpmss tproxy up");
	}
}

static void wrong_mark(struct tm_findings *f, const struct tm_tproxy_facts *t)
{
	const struct tm_policy_rule *r = by_mark(t, true);

	fault(f, t, "it gets mark 0x%x, but %s rule %u wants 0x%x", t->mark, ip(t), r->priority, r->mark);
	tm_advise(f, "tcpmss tproxy up --mark 0x%x --table %u", r->mark, r->table);
}

/* The rule that looks into a table, NULL where it is not known. */
static const struct tm_policy_rule *into(const struct tm_tproxy_facts *t, uint32_t table)
{
	for (size_t i = 0; i < t->policy->rule_count; i++)
		if (t->policy->rules[i].ipv6 == t->ipv6 && t->policy->rules[i].table == table)
			return &t->policy->rules[i];
	return NULL;
}

static void not_believed(struct tm_findings *f, const struct tm_tproxy_facts *t)
{
	if (t->src_valid_mark) {
		fault(f, t,
		      "with src_valid_mark=1 its source is looked up with the mark, too, and found to be this machine's own");
		tm_advise(
			f,
			"sysctl -w net.ipv4.conf.all.src_valid_mark=0 net.ipv4.conf.%s.src_valid_mark=0 (or accept_local=1 there)",
			t->device);
	} else {
		fault(f, t, "its source is not believed on this device (rp_filter=%u)", t->rp_filter);
		tm_advise(
			f,
			"sysctl -w net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.%s.rp_filter=2, or a route back through it",
			t->device);
	}
}

static void routed_elsewhere(struct tm_findings *f, const struct tm_tproxy_facts *t)
{
	const struct tm_policy_rule *r = into(t, t->way_table);

	if (r)
		fault(f, t, "%s rule %u (lookup %u) is asked before the one for mark 0x%x", ip(t), r->priority,
		      r->table, t->mark);
	else
		fault(f, t, "with mark 0x%x it is routed by table %u", t->mark, t->way_table);
	tm_advise(f, "give the rule for the mark a smaller number (%s rule add pref N fwmark 0x%x ...)", ip(t),
		  t->mark);
}

static void lost(struct tm_findings *f, const struct tm_tproxy_facts *t)
{
	if (!t->marked) {
		fault(f, t, "something takes it away before it gets its mark");
		tm_advise(
			f,
			"look for rules and programs in front: nft list ruleset, iptables-save -t raw and -t mangle, bpftool net show dev %s",
			t->device);
	} else {
		fault(f, t,
		      "it gets its mark and is routed to this machine, but something behind takes it away or changes the mark");
		tm_advise(
			f,
			"let ICMP errors of known connections (ct state related) in: nft list ruleset, iptables-save, chain input");
	}
}

void tm_judge_tproxy(struct tm_findings *f, const struct tm_tproxy_facts *t)
{
	if (t->reached) {
		tm_find(f, TM_OK, family(t), t->device,
			"a packet-too-big message reached a transparent socket: its path MTU went from %u to %u",
			t->before, t->after);
	} else if (!t->ipv6 && t->no_pmtu_disc == 2) {
		fault(f, t, "ip_no_pmtu_disc=2: the kernel takes none at all");
		tm_advise(f, "sysctl -w net.ipv4.ip_no_pmtu_disc=0");
	} else if (!by_mark(t, true)) {
		no_policy(f, t);
	} else if (!t->nft && !t->tc) {
		fault(f, t, "nothing marks it (no table inet " TM_TPROXY_NFT ", no tc program of ours on this device)");
		tm_advise(f, "tcpmss tproxy up");
	} else if (!has_way(t)) {
		wrong_mark(f, t);
	} else if (t->way == TM_WAY_REFUSED) {
		not_believed(f, t);
	} else if (t->way == TM_WAY_ELSEWHERE) {
		routed_elsewhere(f, t);
	} else {
		lost(f, t);
	}
}
