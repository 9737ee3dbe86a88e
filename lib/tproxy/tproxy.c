/* SPDX-License-Identifier: BSD-2-Clause */
#include "tproxy.h"

#include <errno.h>

static const char *ip(bool ipv6)
{
	return ipv6 ? "ip -6" : "ip";
}

/* Somebody's way for marked packets to this machine's own sockets. */
static bool is_recipe(const struct tm_policy *now, const struct tm_policy_rule *r)
{
	const struct tm_policy_table *t = tm_policy_find(now, r->ipv6, r->table);

	return r->plain && r->mark & r->mask && r->protocol != TM_TPROXY_PROTOCOL && t && t->theirs;
}

static const struct tm_policy_rule *find_recipe(const struct tm_policy *now, bool ipv6,
						const struct tm_tproxy_wish *wish)
{
	for (size_t i = 0; i < now->rule_count; i++) {
		const struct tm_policy_rule *r = &now->rules[i];

		if (r->ipv6 != ipv6 || !is_recipe(now, r) || (wish->table && r->table != wish->table))
			continue;
		if (!wish->mark || (wish->mark & r->mask) == r->mark)
			return r;
	}
	return NULL;
}

/* Whether the rule takes packets with the family's mark. */
static bool takes(const struct tm_policy_rule *r, bool ipv6, const struct tm_tproxy_family *f)
{
	return r->ipv6 == ipv6 && r->mask && (f->mark & r->mask) == r->mark;
}

/* A mark that no rule asks for, and a table that nobody uses, for an advice. */
static uint32_t free_mark(const struct tm_policy *now)
{
	for (uint32_t mark = 1; mark < 1u << 31; mark <<= 1) {
		bool used = false;

		for (size_t i = 0; i < now->rule_count; i++)
			used |= now->rules[i].mask & mark;
		if (!used)
			return mark;
	}
	return 0xffff;
}

static uint32_t free_table(const struct tm_policy *now)
{
	uint32_t table = TM_TPROXY_TABLE;

	while (tm_policy_find(now, false, table) || tm_policy_find(now, true, table) || (table >= 253 && table <= 255))
		table++;
	return table;
}

static int check_free(const struct tm_policy *now, bool ipv6, const struct tm_tproxy_family *f, struct tm_error *e)
{
	const struct tm_policy_table *t = tm_policy_find(now, ipv6, f->table);

	for (size_t i = 0; i < now->rule_count; i++) {
		const struct tm_policy_rule *r = &now->rules[i];

		if (r->protocol == TM_TPROXY_PROTOCOL || !takes(r, ipv6, f) || r->table == f->table)
			continue;
		return tm_error_code(
			e, -EEXIST,
			"mark 0x%x is in use (%s rule %u: fwmark 0x%x lookup %u): give another mark, such as 0x%x",
			f->mark, ip(ipv6), r->priority, r->mark, r->table, free_mark(now));
	}
	if ((t && t->others) || (f->table >= 253 && f->table <= 255))
		return tm_error_code(e, -EEXIST,
				     "table %u is in use (%s route show table %u): give another table, such as %u",
				     f->table, ip(ipv6), f->table, free_table(now));
	return 0;
}

/* The wish, and where it says nothing the other family's choice or what is usual. */
static void choose(struct tm_tproxy_family *f, const struct tm_tproxy_wish *wish, const struct tm_policy_rule *other)
{
	f->mark = wish->mark ? wish->mark : other ? other->mark : TM_TPROXY_MARK;
	f->mask = other && f->mark == other->mark ? other->mask : UINT32_MAX;
	f->table = wish->table ? wish->table : other ? other->table : TM_TPROXY_TABLE;
}

/* A mask for our own rule that takes the same marks but for one bit that nobody uses, if there is such a bit. */
static uint32_t another_mask(const struct tm_tproxy_family *f)
{
	uint32_t spare = f->mask & ~f->mark;

	while (spare & (spare - 1))
		spare &= spare - 1; /* the highest one stays */
	return f->mask & ~spare;
}

static bool same_rule(const struct tm_tproxy_family *f, const struct tm_policy_rule *r)
{
	uint32_t mask = r->protocol == TM_TPROXY_PROTOCOL ? f->rule_mask : f->mask;

	return r->plain && r->mask && r->mark == f->mark && r->mask == mask && r->table == f->table;
}

static int plan_family(struct tm_tproxy_family *f, const struct tm_policy *now, bool ipv6,
		       const struct tm_tproxy_wish *wish, struct tm_error *e)
{
	const struct tm_policy_rule *recipe = find_recipe(now, ipv6, wish);
	const struct tm_policy_table *t;
	bool ours = false, theirs = false;
	int err;

	f->on = true;
	if (recipe) {
		f->mark = recipe->mark;
		f->mask = recipe->mask;
		f->table = recipe->table;
		return 0;
	}
	choose(f, wish, find_recipe(now, !ipv6, wish));
	err = check_free(now, ipv6, f, e);
	if (err)
		return err;
	f->rule_mask = another_mask(f);
	t = tm_policy_find(now, ipv6, f->table);
	for (size_t i = 0; i < now->rule_count; i++) {
		const struct tm_policy_rule *r = &now->rules[i];

		if (r->ipv6 != ipv6 || !same_rule(f, r))
			continue;
		*(r->protocol == TM_TPROXY_PROTOCOL ? &ours : &theirs) = true;
	}
	f->own_rule = !theirs;
	f->add_rule = !theirs && !ours;
	f->add_route = !t || !t->delivers;
	f->own_route = !t || !t->theirs;
	return 0;
}

int tm_tproxy_plan(struct tm_tproxy_plan *plan, const struct tm_policy *now, const struct tm_tproxy_wish *wish,
		   struct tm_error *e)
{
	int err = 0;

	*plan = (struct tm_tproxy_plan){ 0 };
	for (int i = 0; i < TM_FAMILIES && !err; i++)
		if (now->present[i])
			err = plan_family(&plan->family[i], now, i == TM_IPV6, wish, e);
	return err;
}

bool tm_tproxy_needs_rule(const struct tm_tproxy_plan *plan, const struct tm_policy_rule *rule)
{
	const struct tm_tproxy_family *f = &plan->family[rule->ipv6];

	return f->on && f->own_rule && same_rule(f, rule);
}

bool tm_tproxy_needs_route(const struct tm_tproxy_plan *plan, bool ipv6, uint32_t table)
{
	const struct tm_tproxy_family *f = &plan->family[ipv6];

	return f->on && f->own_route && f->table == table;
}
