/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is in the way of protect, found in what iptables-save and nft print, and in what becomes of cookies.
 */
#include "firewall-texts.h"
#include "test.h"

#include <string.h>

#include "lib/protect/conflicts.h"
#include "lib/protect/reach.h"

static struct tm_findings f;

static int forget(void **state)
{
	tm_findings_free(&f);
	return 0;
}

static struct tm_firewall read_nft(const char *text)
{
	struct tm_firewall w = { 0 };

	tm_firewall_nft(&w, text);
	return w;
}

/* ---- iptables */

static void test_iptables(void **state)
{
	static const char text[] =
		"*raw\n"
		":PREROUTING ACCEPT [0:0]\n"
		":OUTPUT ACCEPT [0:0]\n"
		"-A PREROUTING -p tcp -m multiport --dports 80,443 -j CT --notrack\n"
		"-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack\n"
		"-A PREROUTING -i lo -j NOTRACK\n"
		"-A PREROUTING -j CT --helper ftp\n"
		"COMMIT\n"
		"*mangle\n"
		"-A PREROUTING -m conntrack --ctstate INVALID -j DROP\n"
		"-A mine -m state --state INVALID,NEW -j DROP\n"
		"-A PREROUTING -m conntrack ! --ctstate INVALID -j DROP\n"
		"-A OUTPUT -m conntrack --ctstate INVALID -j DROP\n"
		"COMMIT\n"
		"*filter\n"
		":INPUT DROP [0:0]\n"
		":FORWARD DROP [0:0]\n"
		":OUTPUT DROP [0:0]\n"
		"-A FORWARD -m conntrack --ctstate INVALID -j DROP\n"
		"-A FORWARD -p tcp -m tcp --dport 1000:2000 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --mss 1400\n"
		"COMMIT\n";
	struct tm_firewall w = { 0 };

	tm_firewall_iptables(&w, "iptables", text);
	assert_int_equal(w.tracking_count, 5);
	assert_int_equal(w.tracking[0].kind, TM_TRACKING_OFF);
	assert_int_equal(w.tracking[0].port_count, 2);
	assert_int_equal(w.tracking[0].ports[1].first, 443);
	assert_string_equal(w.tracking[0].where, "iptables raw PREROUTING");
	assert_int_equal(w.tracking[1].kind, TM_TRACKING_INVALID);
	assert_int_equal(w.tracking[2].kind, TM_TRACKING_INVALID);
	assert_string_equal(w.tracking[2].where, "iptables mangle mine");
	assert_int_equal(w.tracking[3].kind, TM_TRACKING_POLICY);
	assert_string_equal(w.tracking[3].where, "iptables filter OUTPUT");
	assert_int_equal(w.tracking[4].kind, TM_TRACKING_SYNPROXY);
	assert_int_equal(w.tracking[4].ports[0].last, 2000);
}

/* ---- nftables, as `nft -n list ruleset` prints */

#define CHAIN(hook, priority, policy) "\t\ttype filter hook " hook " priority " priority "; policy " policy ";\n"

static void test_invalid(void **state)
{
	static const struct {
		const char *hook, *priority, *rule;
		bool found;
	} cases[] = {
		{ "prerouting", "-150", "ct state 0x1 drop", true },
		{ "prerouting", "-150", "ct state invalid counter packets 1 bytes 2 drop", true },
		{ "prerouting", "-150", "ct state 0x8,0x1 log prefix \"x\" drop", true },
		{ "prerouting", "0", "ct state vmap { 0x1 : drop, 0x2 : accept }", true },
		{ "prerouting", "0", "ct state vmap { 0x1 : accept, 0x2 : drop }", false },
		{ "prerouting", "0", "ct state { 0x1, 0x40 } tcp dport 80 reject", true },
		{ "prerouting", "0", "ct state 0x8 drop", false },
		{ "prerouting", "0", "ct state 0x1 udp dport 53 drop", false },
		{ "prerouting", "0", "ct state 0x1 iifname \"lo\" drop", false },
		{ "prerouting", "0", "ct state 0x1 accept comment \"drop\"", false },
		{ "prerouting", "0", "ct state != 0x1 drop", false },
		{ "prerouting", "-300", "ct state 0x1 drop", false }, /* before conntrack: then nothing works at all */
		{ "forward", "-10", "ct state 0x1 drop", true },
		{ "forward", "0", "ct state 0x1 drop", false },
		{ "output", "-10", "ct state 0x1 drop", false },
		{ "postrouting", "0", "ct state 0x1 drop", false },
	};
	char text[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tm_firewall w;

		snprintf(
			text, sizeof(text),
			"table inet mine {\n\tchain c {\n\t\ttype filter hook %s priority %s; policy accept;\n\t\t%s\n\t}\n}\n",
			cases[i].hook, cases[i].priority, cases[i].rule);
		w = read_nft(text);
		if (w.tracking_count != cases[i].found)
			fail_msg("%s", text);
		assert_true(!w.tracking_count || w.tracking[0].kind == TM_TRACKING_INVALID);
	}
}

/* A chain is as early as what jumps to it, in its own table. */
static void test_jumps(void **state)
{
	struct tm_firewall w = read_nft(
		"table inet mine {\n"
		"\tchain third {\n\t\tct state 0x1 drop\n\t}\n"
		"\tchain second {\n\t\ttcp dport vmap { 80 : jump third, 443 : goto last }\n\t}\n"
		"\tchain last {\n\t\tct state 0x1 drop\n\t}\n"
		"\tchain pre {\n" CHAIN(
			"prerouting", "0",
			"accept") "\t\tjump second\n\t}\n"
				  "\tchain late {\n\t\tct state 0x1 drop\n\t}\n"
				  "\tchain fwd {\n" CHAIN(
					  "forward", "0",
					  "accept") "\t\tjump late\n\t}\n"
						    "}\n"
						    "table ip mine {\n\tchain third {\n\t\tct state 0x1 drop\n\t}\n}\n"
						    "table bridge b {\n\tchain pre {\n" CHAIN(
							    "prerouting", "0",
							    "accept") "\t\tct state 0x1 drop\n\t}\n}\n");

	assert_int_equal(w.tracking_count, 2);
	assert_string_equal(w.tracking[0].where, "nft inet mine third");
	assert_string_equal(w.tracking[1].where, "nft inet mine last");
}

static void test_others(void **state)
{
	struct tm_firewall w = read_nft(
		"table inet mine {\n"
		"\tsynproxy p {\n\t\tmss 1400\n\t}\n"
		"\tset s {\n\t\ttype inet_service\n\t}\n"
		"\tchain raw {\n" CHAIN(
			"prerouting", "-300",
			"accept") "\t\tiifname \"lo\" notrack\n"
				  "\t\tmeta l4proto 17 notrack\n"
				  "\t\ttcp dport { 80, 1000-2000 } tcp flags syn notrack\n"
				  "\t\ttcp dport @s notrack\n"
				  "\t\ttcp sport 22 notrack\n"
				  "\t}\n"
				  "\tchain fwd {\n" CHAIN(
					  "forward", "0",
					  "drop") "\t\ttcp dport 443 ct state 0x1,0x40 synproxy mss 1400 wscale 7\n"
						  "\t\tsynproxy name \"p\"\n"
						  "\t}\n"
						  "\tchain out {\n" CHAIN(
							  "output", "0",
							  "drop") "\t}\n"
								  "}\n"
								  "table inet tcpmss_protect {\n"
								  "\tchain forward {\n" CHAIN(
									  "forward", "-5",
									  "accept") "\t\tsynproxy mss 1460\n\t\tnotrack\n\t}\n"
										    "}\n");

	assert_int_equal(w.tracking_count, 6);
	assert_int_equal(w.tracking[0].kind, TM_TRACKING_OFF);
	assert_int_equal(w.tracking[0].port_count, 2);
	assert_int_equal(w.tracking[0].ports[1].last, 2000);
	assert_int_equal(w.tracking[1].port_count, 0);
	assert_int_equal(w.tracking[2].ports[0].first, 22);
	assert_int_equal(w.tracking[3].kind, TM_TRACKING_SYNPROXY);
	assert_int_equal(w.tracking[3].ports[0].first, 443);
	assert_int_equal(w.tracking[4].kind, TM_TRACKING_SYNPROXY);
	assert_int_equal(w.tracking[5].kind, TM_TRACKING_POLICY);
	assert_string_equal(w.tracking[5].where, "nft inet mine out");
}

static void test_hostile_texts(void **state)
{
	static const char nft[] =
		"table inet mine {\n"
		"\tchain second {\n\t\ttcp dport vmap { 80 : jump third, 443 : goto last }\n\t}\n"
		"\tchain last {\n\t\tct state vmap { 0x1 : drop, 0x2 : jump second }\n\t}\n"
		"\tchain pre {\n" CHAIN("prerouting", "0",
					"accept") "\t\tjump second\n\t\tct state { 0x1, 0x8 } drop\n\t}\n"
						  "\tchain out {\n" CHAIN(
							  "output", "0",
							  "drop") "\t\ttcp dport { 80, 1000-2000 } notrack\n\t}\n"
								  "}\n";
	static const char iptables[] =
		"*raw\n:OUTPUT DROP [0:0]\n-A PREROUTING -p tcp -m multiport --dports 80,443 -j CT --notrack\n"
		"-A FORWARD -m conntrack ! --ctstate INVALID,NEW -j SYNPROXY\nCOMMIT\n";
	struct tm_firewall w = { 0 };

	hostile_firewall_texts(nft, iptables);
	for (int i = 0; i < 100; i++)
		tm_firewall_nft(&w, nft);
	assert_int_equal(w.tracking_count, TM_TRACKING_RULES);
	assert_true(w.more);
}

/* ---- judgements */

static struct tm_port_range ports[] = { { 80, 80 }, { 1000, 1999 } };
static struct tm_config_server servers[] = { { .range = { .addr = { 10, 0, 2 }, .len = 24 } } };
static char devices[][TM_DEVICE_NAME] = { "eth0" };
static const struct tm_config_protect block = { .name = "web",
						.ports = ports,
						.port_count = 2,
						.servers = servers,
						.server_count = 1,
						.devices = devices,
						.device_count = 1 };

static void finds(enum tm_result result, const char *name, const char *words)
{
	assert_int_equal(f.count, 1);
	assert_string_equal(f.list[0].name, name);
	assert_int_equal(f.list[0].result, result);
	if (!strstr(f.list[0].text, words))
		fail_msg("'%s' is not in: %s", words, f.list[0].text);
	assert_true(*f.list[0].advice);
	tm_findings_free(&f);
}

static void test_rules(void **state)
{
	struct tm_firewall w = { .tracking_count = 1,
				 .tracking = { { .kind = TM_TRACKING_SYNPROXY,
						 .ports = { { 443, 443 }, { 1999, 3000 } },
						 .port_count = 2,
						 .where = "iptables filter FORWARD" } } };

	tm_judge_protect_rules(&f, &w, &block);
	finds(TM_FAULT, "other-synproxy", "iptables filter FORWARD");
	w.tracking[0].port_count = 1;
	tm_judge_protect_rules(&f, &w, &block);
	assert_int_equal(f.count, 0);
	w.tracking[0].kind = TM_TRACKING_OFF;
	w.tracking[0].port_count = 0;
	tm_judge_protect_rules(&f, &w, &block);
	finds(TM_FAULT, "not-tracked", "for services of the block");
	w.tracking[0].narrow = true;
	tm_judge_protect_rules(&f, &w, &block);
	finds(TM_WARNING, "not-tracked", "perhaps");
	w.tracking[0].narrow = false;
	w.tracking[0].kind = TM_TRACKING_INVALID;
	tm_judge_protect_rules(&f, &w, &block);
	finds(TM_FAULT, "invalid-dropped", "before protect sees it");
	w.tracking[0].kind = TM_TRACKING_POLICY;
	tm_judge_protect_rules(&f, &w, &block);
	finds(TM_WARNING, "output-policy", "SYNPROXY sends");
	w.tracking[1] = w.tracking[0]; /* nft lists what iptables has made, too */
	strcpy(w.tracking[1].where, "nft ip filter FORWARD");
	w.tracking_count = 2;
	tm_judge_protect_rules(&f, &w, &block);
	finds(TM_WARNING, "output-policy", "iptables");
}

/* Which rules are about a block's services: eth0, 10.0.2.0/24, ports 80 and 1000 to 1999 */
static void test_matches(void **state)
{
	static const struct {
		const char *match;
		int found; /* -1: nothing */
	} cases[] = {
		{ "tcp dport 80", TM_FAULT },
		{ "", TM_FAULT },
		{ "iifname \"eth0\" tcp dport { 22, 80 }", TM_FAULT },
		{ "iifname \"eth1\" tcp dport 80", TM_WARNING },
		{ "iifname \"eth*\" tcp dport 80", TM_WARNING },
		{ "iifname != \"eth0\" tcp dport 80", TM_WARNING },
		{ "iifname \"lo\"", -1 },
		{ "oifname \"eth1\"", TM_WARNING },
		{ "tcp dport 443", -1 },
		{ "tcp sport 1999-3000", TM_FAULT },
		{ "ip daddr 10.0.2.7 tcp dport 80", TM_FAULT },
		{ "ip daddr 10.0.0.0/8", TM_FAULT },
		{ "ip daddr 10.0.3.0/24", -1 },
		{ "ip daddr 10.0.2.0/25 ip saddr 192.0.2.1", TM_WARNING },
		{ "ip saddr 10.0.2.1 tcp sport 80", TM_FAULT },
		{ "ip saddr 192.0.2.0/24", TM_WARNING },
		{ "ip6 daddr 2001:db8::/32", -1 },
		{ "ip daddr != 10.0.2.0/24", TM_WARNING },
		{ "ip daddr @servers", TM_WARNING },
		{ "ip daddr { 10.0.3.1, 10.0.3.2 }", TM_WARNING },
		{ "ip daddr 10.0.2.0/99", TM_WARNING },
	};
	char text[300];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tm_firewall w;

		snprintf(text, sizeof(text), "table inet mine {\n\tchain raw {\n%s\t\t%s notrack\n\t}\n}\n",
			 CHAIN("prerouting", "-300", "accept"), cases[i].match);
		w = read_nft(text);
		tm_judge_protect_rules(&f, &w, &block);
		if (f.count != (cases[i].found >= 0) || (f.count && (int)f.list[0].result != cases[i].found))
			fail_msg("'%s': %s", cases[i].match, f.count ? f.list[0].text : "nothing");
		tm_findings_free(&f);
	}
}

static void test_iptables_matches(void **state)
{
	struct tm_firewall w = { 0 };

	tm_firewall_iptables(&w, "iptables",
			     "*raw\n"
			     "-A PREROUTING -d 10.0.3.0/24 -p tcp -m tcp --dport 80 -j CT --notrack\n"
			     "-A PREROUTING ! -i eth0 -p tcp -j CT --notrack\n"
			     "COMMIT\n");
	tm_judge_protect_rules(&f, &w, &block);
	finds(TM_WARNING, "not-tracked", "perhaps");
	tm_firewall_iptables(&w, "iptables",
			     "*raw\n-A PREROUTING -s 192.0.2.0/24 -d 10.0.2.1/32 -i eth0 -p tcp -j CT --notrack\n"
			     "-A OUTPUT -d 10.0.2.1/32 -p tcp -j CT --notrack\nCOMMIT\n");
	tm_judge_protect_rules(&f, &w, &block);
	assert_int_equal(f.count, 2);
	assert_int_equal(f.list[1].result, TM_FAULT);
}

static void test_machine(void **state)
{
	struct tm_conntrack_facts c = { .there = true, .count = 100, .max = 262144 };
	struct tm_protect_port_facts d = { .name = "eth0", .there = true };

	tm_judge_conntrack(&f, &c);
	tm_judge_protect_device(&f, &block, &d);
	d.master = "red";
	d.master_kind = "vrf";
	tm_judge_protect_device(&f, &block, &d);
	assert_int_equal(f.count, 0);
	c.count = 250000;
	tm_judge_conntrack(&f, &c);
	finds(TM_WARNING, "conntrack", "250000 of 262144");
	c.there = false;
	tm_judge_conntrack(&f, &c);
	finds(TM_FAULT, "conntrack", "tracks no connections");
	d.master = "br0";
	d.master_kind = "bridge";
	tm_judge_protect_device(&f, &block, &d);
	finds(TM_FAULT, "protect-device", "a port of bridge 'br0'");
}

static void test_forbids(void **state)
{
	const struct tm_finding rule = { .result = TM_FAULT, .name = "other-synproxy" };
	const struct tm_finding perhaps = { .result = TM_WARNING, .name = "not-tracked" };
	const struct tm_finding conntrack = { .result = TM_FAULT, .name = "conntrack" };

	assert_true(tm_conflict_forbids(&rule));
	assert_false(tm_conflict_forbids(&perhaps));
	assert_false(tm_conflict_forbids(&conntrack)); /* as long as no rule has asked for it */
}

static void test_reach(void **state)
{
	struct tm_protect_reach r = { 0 };

	assert_false(tm_protect_reach_tick(&r, 1000, 0)); /* that was before */
	assert_false(tm_protect_reach_tick(&r, 1009, 0));
	assert_true(tm_protect_reach_tick(&r, 1010, 4));
	assert_true(r.lost);
	assert_false(tm_protect_reach_tick(&r, 1019, 4)); /* too few to tell */
	assert_true(r.lost);
	assert_true(tm_protect_reach_tick(&r, 1030, 24));
	assert_false(r.lost);
	assert_false(tm_protect_reach_tick(&r, 5, 0)); /* they begin anew */
	assert_false(tm_protect_reach_tick(&r, 1000000005, 500000000));
	assert_true(tm_protect_reach_tick(&r, 1000000105, 500000000));
	assert_true(r.lost);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test_teardown(test_iptables, forget),
	cmocka_unit_test_teardown(test_invalid, forget),
	cmocka_unit_test_teardown(test_jumps, forget),
	cmocka_unit_test_teardown(test_others, forget),
	cmocka_unit_test_teardown(test_rules, forget),
	cmocka_unit_test_teardown(test_machine, forget),
	cmocka_unit_test_teardown(test_matches, forget),
	cmocka_unit_test_teardown(test_iptables_matches, forget),
	cmocka_unit_test(test_forbids),
	cmocka_unit_test(test_reach),
	cmocka_unit_test(test_hostile_texts),
};

TEST_MAIN(group, NULL, NULL)
