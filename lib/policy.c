/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy.h"

#include <errno.h>
#include <stdlib.h>

const struct tm_policy_table *tm_policy_find(const struct tm_policy *p, bool ipv6, uint32_t table)
{
	for (size_t i = 0; i < p->table_count; i++)
		if (p->tables[i].ipv6 == ipv6 && p->tables[i].table == table)
			return &p->tables[i];
	return NULL;
}

bool tm_policy_delivers(const struct tm_policy *p, bool ipv6, uint32_t table)
{
	const struct tm_policy_table *found = tm_policy_find(p, ipv6, table);

	return found && found->delivers;
}

bool tm_policy_proxies(const struct tm_policy *p)
{
	for (size_t i = 0; i < p->rule_count; i++)
		if (p->rules[i].mask && p->rules[i].mark && tm_policy_delivers(p, p->rules[i].ipv6, p->rules[i].table))
			return true;
	return false;
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
	struct tm_policy_table *found = (struct tm_policy_table *)tm_policy_find(p, ipv6, table);
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
