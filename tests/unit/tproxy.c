/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transparent proxies: what is planned for which rules and routes, what doctor makes of a trial, and the trial's message.
 */
#include "test.h"

#include <string.h>

#include "lib/doctor/tproxy.h"
#include "lib/pmtu/ptb.h"
#include "lib/tproxy/trial-ptb.h"

static struct tm_policy now;
static struct tm_tproxy_plan plan;
static struct tm_findings f;
static struct tm_error e;

static int begin(void **state)
{
	tm_policy_free(&now);
	tm_findings_free(&f);
	now.present[TM_IPV4] = now.present[TM_IPV6] = true;
	return 0;
}

static void rule(bool ipv6, uint32_t priority, uint32_t mark, uint32_t mask, uint32_t table, uint8_t protocol,
		 bool plain)
{
	const struct tm_policy_rule r = { .ipv6 = ipv6,
					  .priority = priority,
					  .mark = mark,
					  .mask = mask,
					  .table = table,
					  .protocol = protocol,
					  .plain = plain };

	assert_int_equal(tm_policy_add_rule(&now, &r), 0);
}

static struct tm_policy_table *local(bool ipv6, uint32_t table, bool ours)
{
	struct tm_policy_table *t = tm_policy_table(&now, ipv6, table);

	assert_non_null(t);
	t->delivers = true;
	*(ours ? &t->ours : &t->theirs) = true;
	return t;
}

static int make(uint32_t mark, uint32_t table)
{
	const struct tm_tproxy_wish wish = { mark, table };

	return tm_tproxy_plan(&plan, &now, &wish, &e);
}

static void is(int family, uint32_t mark, uint32_t table, bool add_rule, bool add_route)
{
	const struct tm_tproxy_family *got = &plan.family[family];

	assert_true(got->on);
	assert_int_equal(got->mark, mark);
	assert_int_equal(got->table, table);
	assert_int_equal(got->add_rule, add_rule);
	assert_int_equal(got->add_route, add_route);
}

/* ---- the plan */

static void test_nothing_there(void **state)
{
	assert_int_equal(make(0, 0), 0);
	is(TM_IPV4, 1, 100, true, true);
	is(TM_IPV6, 1, 100, true, true);
	assert_int_equal(make(7, 0x1000), 0);
	is(TM_IPV4, 7, 0x1000, true, true);
	now.present[TM_IPV6] = false;
	assert_int_equal(make(0, 0), 0);
	assert_false(plan.family[TM_IPV6].on);
}

static void test_recipe(void **state)
{
	rule(false, 100, 0x21, UINT32_MAX, 133, 3, true);
	local(false, 133, false);
	rule(true, 100, 5, 0xff, 10, 3, true);
	local(true, 10, false);
	assert_int_equal(make(0, 0), 0);
	is(TM_IPV4, 0x21, 133, false, false);
	is(TM_IPV6, 5, 10, false, false);
	assert_int_equal(plan.family[TM_IPV6].mask, 0xff);
	assert_false(plan.family[TM_IPV4].own_rule || plan.family[TM_IPV4].own_route);
}

static void test_recipe_of_one_family(void **state)
{
	rule(false, 100, 0x100, 0xf00, 133, 3, true);
	local(false, 133, false);
	assert_int_equal(make(0, 0), 0);
	is(TM_IPV4, 0x100, 133, false, false);
	is(TM_IPV6, 0x100, 133, true, true);
	assert_int_equal(plan.family[TM_IPV6].mask, 0xf00);
	assert_int_equal(plan.family[TM_IPV6].rule_mask, 0x700);
}

static void test_no_recipe(void **state)
{
	rule(false, 50, 1, UINT32_MAX, 100, 3, false); /* with iif, for one: nothing for the other side */
	local(false, 100, false);
	rule(true, 50, 1, UINT32_MAX, 100, 3, true); /* its table delivers nothing */
	assert_int_equal(make(0, 0), 0);
	is(TM_IPV4, 1, 100, true, false);
	is(TM_IPV6, 1, 100, false, true);
}

static void test_in_use(void **state)
{
	rule(false, 77, 1, UINT32_MAX, 9, 3, true);
	assert_int_equal(make(0, 0), -EEXIST);
	assert_non_null(strstr(e.text, "mark 0x1 is in use (ip rule 77: fwmark 0x1 lookup 9)"));
	assert_int_equal(make(2, 0), -EEXIST == 0);
	begin(NULL);
	tm_policy_table(&now, true, 100)->others = true;
	assert_int_equal(make(0, 0), -EEXIST);
	assert_non_null(
		strstr(e.text, "table 100 is in use (ip -6 route show table 100): give another table, such as 101"));
	assert_int_equal(make(0, 101), 0);
	for (uint32_t table = 253; table <= 255; table++)
		assert_int_equal(make(0, table), -EEXIST);
}

/* A mark with other bits matters to a rule with a mask. */
static void test_masks_in_use(void **state)
{
	rule(false, 10, 0x10, 0xf0, 7, 3, true);
	assert_int_equal(make(0x110, 0), -EEXIST);
	assert_int_equal(make(0x120, 0), 0);
	assert_int_equal(make(0, 0), 0);
}

static void test_own(void **state)
{
	const struct tm_tproxy_family *f4 = &plan.family[TM_IPV4];

	assert_int_equal(make(0, 0), 0);
	rule(false, 100, f4->mark, f4->rule_mask, f4->table, TM_TPROXY_PROTOCOL, true);
	local(false, f4->table, true);
	assert_int_equal(make(0, 0), 0);
	is(TM_IPV4, 1, 100, false, false);
	assert_true(tm_tproxy_needs_rule(&plan, &now.rules[0]));
	assert_true(tm_tproxy_needs_route(&plan, false, 100));
	assert_false(tm_tproxy_needs_route(&plan, false, 101));
	/* another mark */
	assert_int_equal(make(2, 101), 0);
	is(TM_IPV4, 2, 101, true, true);
	assert_false(tm_tproxy_needs_rule(&plan, &now.rules[0]));
	assert_false(tm_tproxy_needs_route(&plan, false, 100));
	/* somebody's own has come since */
	rule(false, 99, 1, UINT32_MAX, 100, 3, true);
	local(false, 100, false);
	assert_int_equal(make(0, 0), 0);
	is(TM_IPV4, 1, 100, false, false);
	assert_false(tm_tproxy_needs_rule(&plan, &now.rules[0]));
	assert_false(tm_tproxy_needs_route(&plan, false, 100));
}

/* Our own rule takes the mark; and no other one where there is room for that. */
static void test_rule_masks(void **state)
{
	for (int i = 0; i < 1000; i++) {
		const struct tm_tproxy_family *f4 = &plan.family[TM_IPV4];
		uint32_t mark = test_random();

		assert_int_equal(make(mark ? mark : 1, 0), 0);
		assert_int_equal(f4->mark & f4->rule_mask, f4->mark);
		assert_true(f4->rule_mask != f4->mask || f4->mark == UINT32_MAX);
		assert_true(__builtin_popcount(f4->mask ^ f4->rule_mask) <= 1);
	}
}

static void test_nft(void **state)
{
	char text[TM_TPROXY_TEXT];
	struct tm_tproxy_rules rules;

	rule(false, 100, 0x100, 0xf00, 133, 3, true);
	local(false, 133, false);
	assert_int_equal(make(0, 0), 0);
	tm_tproxy_nft(&plan, text);
	assert_non_null(strstr(
		text,
		"icmp type destination-unreachable icmp code frag-needed socket transparent 1 socket wildcard 0"));
	assert_non_null(strstr(text, "icmpv6 type packet-too-big socket transparent 1 socket wildcard 0"));
	assert_non_null(strstr(text, "meta mark and 0xfffff0ff or 0x100"));
	now.present[TM_IPV4] = false;
	assert_int_equal(make(0xabc, 0), 0);
	tm_tproxy_nft(&plan, text);
	assert_null(strstr(text, "icmp type"));
	assert_non_null(strstr(text, "meta mark set 0xabc\n"));
	tm_tproxy_read_nft(&rules, text);
	assert_false(rules.there[TM_IPV4]);
	assert_true(rules.there[TM_IPV6]);
	assert_int_equal(rules.mark[TM_IPV6], 0xabc);
	/* as nft lists it */
	tm_tproxy_read_nft(
		&rules,
		"table inet tcpmss_tproxy {\n\tchain prerouting {\n"
		"\t\ttype filter hook prerouting priority -140; policy accept;\n"
		"\t\ticmp type 3 icmp code 4 socket transparent 1 socket wildcard 0 counter packets 17 bytes 9 "
		"meta mark set meta mark & 0xfffff0ff | 0x00000100\n"
		"\t\ticmpv6 type 2 socket transparent 1 socket wildcard 0 counter packets 4 bytes 1 meta mark set 0x00000021\n"
		"\t}\n}");
	assert_int_equal(rules.mark[TM_IPV4], 0x100);
	assert_int_equal(rules.packets[TM_IPV4], 17);
	assert_int_equal(rules.mark[TM_IPV6], 0x21);
	assert_int_equal(rules.packets[TM_IPV6], 4);
}

static void test_words(void **state)
{
	static const char *const wrong[] = { "",   "0",	 "0x",	       "0x0",	      "-1", "+1",
					     " 1", "1 ", "4294967296", "0x100000000", "1k", "x" };
	enum tm_tproxy_via via;
	uint32_t n;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(tm_tproxy_number(wrong[i], &n));
	assert_true(tm_tproxy_number("4294967295", &n) && n == UINT32_MAX);
	assert_true(tm_tproxy_number("0xFf", &n) && n == 255);
	assert_true(tm_tproxy_number("010", &n) && n == 10);
	for (int i = TM_TPROXY_AUTO; i <= TM_TPROXY_VIA_TC; i++)
		assert_true(tm_tproxy_via_find(tm_tproxy_via_name(i), &via) && (int)via == i);
	assert_false(tm_tproxy_via_find("xdp", &via));
}

/* ---- the judgement */

/* What is said of facts; and whether it is a fault, which has an advice. */
static void says(const struct tm_tproxy_facts *t, enum tm_result result, const char *words)
{
	tm_findings_free(&f);
	tm_judge_tproxy(&f, t);
	assert_int_equal(f.count, 1);
	if (!strstr(f.list[0].text, words))
		print_message("# '%s' is not in: %s\n", words, f.list[0].text);
	assert_non_null(strstr(f.list[0].text, words));
	assert_int_equal(f.list[0].result, result);
	assert_int_equal(*f.list[0].advice != 0, result == TM_FAULT);
}

static void test_judgement(void **state)
{
	struct tm_tproxy_facts t = { .device = "p1", .policy = &now, .before = 1500, .after = 1280, .reached = true };

	says(&t, TM_OK, "from 1500 to 1280");
	t.reached = false;
	says(&t, TM_FAULT, "no rule of 'ip rule'");
	rule(false, 10, 2, UINT32_MAX, 100, 3, true);
	says(&t, TM_FAULT, "sends mark 0x2 to table 100, which has no local default route");
	local(false, 100, false);
	says(&t, TM_FAULT, "nothing marks it");
	t.nft = true;
	t.mark = 1;
	says(&t, TM_FAULT, "it gets mark 0x1, but ip rule 10 wants 0x2");
	t.mark = 2;
	t.way = TM_WAY_REFUSED;
	t.rp_filter = 1;
	says(&t, TM_FAULT, "rp_filter=1");
	t.src_valid_mark = true;
	says(&t, TM_FAULT, "src_valid_mark=1");
	t.way = TM_WAY_ELSEWHERE;
	t.way_table = 77;
	says(&t, TM_FAULT, "routed by table 77");
	rule(false, 5, 0, 0, 77, 3, true);
	says(&t, TM_FAULT, "ip rule 5 (lookup 77) is asked before the one for mark 0x2");
	t.way = TM_WAY_LOCAL;
	says(&t, TM_FAULT, "before it gets its mark");
	t.marked = 1;
	says(&t, TM_FAULT, "something behind takes it away");
	t.no_pmtu_disc = 2;
	says(&t, TM_FAULT, "ip_no_pmtu_disc=2");
	t.ipv6 = true;
	says(&t, TM_FAULT, "no rule of 'ip -6 rule'");
}

/* ---- the message */

static void test_message(void **state)
{
	for (int i = 0; i < 4; i++) {
		struct tm_trial_ptb t = { .link = i & 1 ? PK_LINK_ETHERNET : PK_LINK_RAW,
					  .family = i & 2 ? PK_IPV6 : PK_IPV4,
					  .to = { 2, 3, 4, 5, 6, 7 },
					  .client_port = 40000,
					  .server_port = 9,
					  .sequence = 0x12345678,
					  .mtu = 1280 };
		uint32_t l3 = i & 1 ? PK_ETH_HEADER : 0, size = i & 2 ? 16 : 4;
		struct tm_frame frame;
		struct tm_ptb ptb;

		memset(t.router, 0xa1, size);
		memset(t.client, 0xa2, size);
		memset(t.server, 0xa3, size);
		tm_trial_ptb_build(&t, &frame);
		assert_int_equal(frame.len, l3 + (i & 2 ? 40 + 8 + 40 + 20 : 20 + 8 + 20 + 20));
		if (l3)
			assert_memory_equal(frame.bytes, t.to, 6);
		assert_int_equal(frame.bytes[l3 + (i & 2 ? 7 : 8)], 1); /* hop limit */
		assert_int_equal(tm_ptb_parse(frame.bytes + l3, frame.len - l3, &ptb), PK_NOT_REFUSED);
		assert_int_equal(ptb.quote.mtu, 1280);
		assert_int_equal(ptb.quote.seq, 0x12345678);
		assert_int_equal(ptb.quote.flow.sport, 40000);
		assert_int_equal(ptb.quote.flow.dport, 9);
		assert_memory_equal(ptb.quote.flow.src, t.client, size);
		assert_memory_equal(ptb.quote.flow.dst, t.server, size);
		assert_memory_equal(ptb.reporter, t.router, size);
		assert_int_equal(pk_judge_quote(&ptb.quote), PK_NOT_REFUSED);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(test_nothing_there, begin),
	cmocka_unit_test_setup(test_recipe, begin),
	cmocka_unit_test_setup(test_recipe_of_one_family, begin),
	cmocka_unit_test_setup(test_no_recipe, begin),
	cmocka_unit_test_setup(test_in_use, begin),
	cmocka_unit_test_setup(test_masks_in_use, begin),
	cmocka_unit_test_setup(test_own, begin),
	cmocka_unit_test_setup(test_rule_masks, begin),
	cmocka_unit_test_setup(test_nft, begin),
	cmocka_unit_test_setup(test_words, begin),
	cmocka_unit_test_setup(test_judgement, begin),
	cmocka_unit_test_setup(test_message, begin),
};

static int end(void **state)
{
	return begin(state);
}

TEST_MAIN(tests, NULL, end)
