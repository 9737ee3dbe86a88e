/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over what `tproxy` makes of rules and routes that others have, and of the list of its own table. The input is rules
 * and tables of policy routing, eight bytes each; behind a zero byte a text as nft lists it.
 *
 * Beside the sanitizers it checks that a plan never takes what is used for something else, and that carried out it needs nothing more.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "lib/doctor/tproxy.h"

/* Few different numbers, so that they meet. */
static void add(struct tm_policy *p, const uint8_t *b)
{
	const uint32_t tables[] = { 100, 100, 101, 253, 254, 7, 0x10000, 133 };
	uint8_t protocol = b[1] & 1 ? TM_TPROXY_PROTOCOL : 3;
	struct tm_policy_rule r = {
		.ipv6 = b[0] & 1,
		.plain = b[0] & 2,
		.priority = b[2],
		.mark = b[3] & b[4],
		.mask = b[4] & 0x80 ? UINT32_MAX : b[4],
		.table = tables[b[5] & 7],
		.protocol = protocol,
	};
	struct tm_policy_table *t;

	if (b[0] & 4) {
		tm_policy_add_rule(p, &r);
		return;
	}
	t = r.table < 253 || r.table > 255 ? tm_policy_table(p, r.ipv6, r.table) : NULL; /* whose routes nobody reads */
	if (!t)
		return;
	t->others |= b[0] & 8;
	t->ours |= b[0] & 16 && protocol == TM_TPROXY_PROTOCOL;
	t->theirs |= b[0] & 16 && protocol != TM_TPROXY_PROTOCOL;
	t->delivers = t->ours || t->theirs;
}

static void carry_out(struct tm_policy *p, const struct tm_tproxy_plan *plan)
{
	for (int i = 0; i < TM_FAMILIES; i++) {
		const struct tm_tproxy_family *f = &plan->family[i];
		struct tm_policy_rule r = { .ipv6 = i == TM_IPV6,
					    .plain = true,
					    .priority = 1,
					    .mark = f->mark,
					    .mask = f->rule_mask,
					    .table = f->table,
					    .protocol = TM_TPROXY_PROTOCOL };
		struct tm_policy_table *t;

		check(f->on && f->mark && (f->mark & f->mask) == f->mark && f->table,
		      "a family without a mark or table");
		check(f->table < 253 || f->table > 255, "one of the kernel's own tables");
		if (f->add_rule)
			tm_policy_add_rule(p, &r);
		t = tm_policy_table(p, i == TM_IPV6, f->table);
		if (f->add_route && t)
			t->ours = t->delivers = true;
		if (f->add_rule)
			check(tm_tproxy_needs_rule(plan, &r), "its own rule is not needed");
	}
}

static void plan_twice(struct tm_policy *p, const struct tm_tproxy_wish *wish)
{
	struct tm_tproxy_plan first, second;
	char text[TM_TPROXY_TEXT];
	struct tm_tproxy_rules rules;
	struct tm_error e = { "" };

	if (tm_tproxy_plan(&first, p, wish, &e)) {
		check(strlen(e.text) > 10, "refused without a reason");
		return;
	}
	carry_out(p, &first);
	tm_tproxy_nft(&first, text);
	check(strlen(text) < sizeof(text) - 1 && strstr(text, "\t}\n}\n"), "a text that is cut");
	tm_tproxy_read_nft(&rules, text);
	check(!tm_tproxy_plan(&second, p, wish, &e), "what was planned is refused when it is there");
	for (int i = 0; i < TM_FAMILIES; i++) {
		check(!second.family[i].add_rule && !second.family[i].add_route,
		      "something is missing the second time");
		check(second.family[i].mark == first.family[i].mark, "another mark the second time");
		check(rules.there[i] && rules.mark[i] == first.family[i].mark, "another mark in the rules");
	}
}

static void judge(struct tm_policy *p, const uint8_t *b)
{
	struct tm_tproxy_facts t = { .device = "dev",
				     .ipv6 = b[0] & 1,
				     .reached = b[0] & 2,
				     .nft = b[0] & 4,
				     .tc = b[0] & 8,
				     .mark = b[3],
				     .marked = b[0] & 16,
				     .way = b[1] & 3,
				     .way_table = b[2],
				     .policy = p };
	struct tm_findings f = { 0 };

	tm_judge_tproxy(&f, &t);
	check(f.lost || f.count == 1, "not one finding");
	check(f.lost || f.list[0].result == TM_OK || *f.list[0].advice, "a fault without an advice");
	tm_findings_free(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tm_policy p = { .present = { true, true } };
	struct tm_tproxy_wish wish = { 0 };
	struct tm_tproxy_rules rules;
	size_t at = 0;
	char *text;

	if (size < 8)
		return 0;
	wish.mark = data[0] & 1 ? data[1] : 0;
	wish.table = data[0] & 2 ? data[2] : 0;
	for (at = 8; at + 8 <= size && data[at] && at < 512; at += 8)
		add(&p, data + at);
	judge(&p, data);
	plan_twice(&p, &wish);
	tm_policy_free(&p);
	text = strndup((const char *)data + at, size - at);
	if (text)
		tm_tproxy_read_nft(&rules, text);
	free(text);
	return 0;
}
