/* SPDX-License-Identifier: BSD-2-Clause */
#include "tproxy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *ip(bool ipv6)
{
	return ipv6 ? "ip -6" : "ip";
}

static const struct tm_policy_table *find_table(const struct tm_policy *p, bool ipv6, uint32_t table)
{
	for (size_t i = 0; i < p->table_count; i++)
		if (p->tables[i].ipv6 == ipv6 && p->tables[i].table == table)
			return &p->tables[i];
	return NULL;
}

/* Makes room for one more. */
static void *grow(void *list, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 16;

	if (count < *room)
		return list;
	list = reallocarray(list, more, size);
	if (list)
		*room = more;
	return list;
}

int tm_policy_add_rule(struct tm_policy *p, const struct tm_policy_rule *rule)
{
	void *list = grow(p->rules, p->rule_count, &p->rule_room, sizeof(*p->rules));

	if (!list)
		return -ENOMEM;
	p->rules = list;
	p->rules[p->rule_count++] = *rule;
	return 0;
}

struct tm_policy_table *tm_policy_table(struct tm_policy *p, bool ipv6, uint32_t table)
{
	struct tm_policy_table *found = (struct tm_policy_table *)find_table(p, ipv6, table);
	void *list;

	if (found)
		return found;
	list = grow(p->tables, p->table_count, &p->table_room, sizeof(*p->tables));
	if (!list)
		return NULL;
	p->tables = list;
	found = &p->tables[p->table_count++];
	*found = (struct tm_policy_table){ .ipv6 = ipv6, .table = table };
	return found;
}

void tm_policy_free(struct tm_policy *p)
{
	free(p->rules);
	free(p->tables);
	*p = (struct tm_policy){ 0 };
}

/* ---- the plan */

/* Somebody's way for marked packets to this machine's own sockets. */
static bool is_recipe(const struct tm_policy *now, const struct tm_policy_rule *r)
{
	const struct tm_policy_table *t = find_table(now, r->ipv6, r->table);

	return r->plain && r->mark & r->mask && r->protocol != TM_TPROXY_PROTOCOL && t && t->theirs;
}

static const struct tm_policy_rule *find_recipe(const struct tm_policy *now, bool ipv6, const struct tm_tproxy_wish *wish)
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

	while (find_table(now, false, table) || find_table(now, true, table) || (table >= 253 && table <= 255))
		table++;
	return table;
}

static int check_free(const struct tm_policy *now, bool ipv6, const struct tm_tproxy_family *f, struct tm_error *e)
{
	const struct tm_policy_table *t = find_table(now, ipv6, f->table);

	for (size_t i = 0; i < now->rule_count; i++) {
		const struct tm_policy_rule *r = &now->rules[i];

		if (r->protocol == TM_TPROXY_PROTOCOL || !takes(r, ipv6, f) || r->table == f->table)
			continue;
		return tm_error_code(e, -EEXIST,
				     "mark 0x%x is in use (%s rule %u: fwmark 0x%x lookup %u): give another mark, such as 0x%x",
				     f->mark, ip(ipv6), r->priority, r->mark, r->table, free_mark(now));
	}
	if ((t && t->others) || (f->table >= 253 && f->table <= 255))
		return tm_error_code(e, -EEXIST,
				     "table %u is in use (%s route show table %u): give another table, such as %u", f->table,
				     ip(ipv6), f->table, free_table(now));
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

static int plan_family(struct tm_tproxy_family *f, const struct tm_policy *now, bool ipv6, const struct tm_tproxy_wish *wish,
		       struct tm_error *e)
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
	t = find_table(now, ipv6, f->table);
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

int tm_tproxy_plan(struct tm_tproxy_plan *plan, const struct tm_policy *now, const struct tm_tproxy_wish *wish, struct tm_error *e)
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

/* ---- the rules that set the mark */

/*
 * The socket is looked up with what the message quotes. A listening socket on all addresses is nobody's connection: without
 * "wildcard 0" it would take the messages of others, whose own port is the proxy's.
 */
static size_t rule(char *text, size_t size, const char *match, const struct tm_tproxy_family *f)
{
	if (!f->on)
		return 0;
	if (f->mask == UINT32_MAX)
		return (size_t)snprintf(text, size, "\t\t%s socket transparent 1 socket wildcard 0 counter meta mark set 0x%x\n",
					match, f->mark);
	return (size_t)snprintf(text, size,
				"\t\t%s socket transparent 1 socket wildcard 0 counter meta mark set meta mark and 0x%x or 0x%x\n",
				match, ~f->mask, f->mark);
}

void tm_tproxy_nft(const struct tm_tproxy_plan *plan, char text[TM_TPROXY_TEXT])
{
	size_t n = (size_t)snprintf(text, TM_TPROXY_TEXT,
				    "add table inet " TM_TPROXY_NFT "\n"
				    "delete table inet " TM_TPROXY_NFT "\n"
				    "table inet " TM_TPROXY_NFT " {\n"
				    "\tchain prerouting {\n"
				    "\t\ttype filter hook prerouting priority mangle + 10; policy accept;\n");

	n += rule(text + n, TM_TPROXY_TEXT - n, "icmp type destination-unreachable icmp code frag-needed", &plan->family[TM_IPV4]);
	n += rule(text + n, TM_TPROXY_TEXT - n, "icmpv6 type packet-too-big", &plan->family[TM_IPV6]);
	snprintf(text + n, TM_TPROXY_TEXT - n, "\t}\n}\n");
}

/* One line of our chain; the mark is the last number in it: "set 0x00000001", "set meta mark & 0xffffff00 | 0x00000001". */
static void read_rule(struct tm_tproxy_rules *rules, const char *line, size_t len)
{
	char text[512];
	const char *mark, *packets;
	int family;

	snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : sizeof(text) - 1), line);
	mark = strstr(text, "meta mark set ");
	if (!mark)
		return;
	family = strstr(text, "icmpv6 ") ? TM_IPV6 : TM_IPV4;
	mark = strrchr(mark, ' ');
	packets = strstr(text, "packets ");
	rules->there[family] = true;
	rules->mark[family] = (uint32_t)strtoul(mark, NULL, 0);
	rules->packets[family] = packets ? strtoull(packets + strlen("packets "), NULL, 10) : 0;
}

void tm_tproxy_read_nft(struct tm_tproxy_rules *rules, const char *text)
{
	*rules = (struct tm_tproxy_rules){ 0 };
	while (*text) {
		size_t len = strcspn(text, "\n");

		read_rule(rules, text, len);
		text += len + (text[len] == '\n');
	}
}

static const char *const via_words[] = { "auto", "nft", "tc" };

const char *tm_tproxy_via_name(enum tm_tproxy_via via)
{
	return via_words[via];
}

bool tm_tproxy_via_find(const char *word, enum tm_tproxy_via *via)
{
	for (int i = 0; i <= TM_TPROXY_VIA_TC; i++) {
		if (strcmp(word, via_words[i]))
			continue;
		*via = (enum tm_tproxy_via)i;
		return true;
	}
	return false;
}

bool tm_tproxy_number(const char *word, uint32_t *value)
{
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	char *end;
	unsigned long long n;

	if (!isxdigit((unsigned char)word[hex ? 2 : 0]))
		return false;
	errno = 0;
	n = strtoull(word, &end, hex ? 16 : 10);
	if (*end || errno || !n || n > UINT32_MAX)
		return false;
	*value = (uint32_t)n;
	return true;
}
