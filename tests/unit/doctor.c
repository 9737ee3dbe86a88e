/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What doctor makes of facts, and the trial SYN itself.
 */
#include "firewall-texts.h"
#include "test.h"

#include <string.h>

#include "lib/doctor/daemon.h"
#include "lib/doctor/firewall.h"
#include "lib/doctor/syn.h"
#include "lib/finish.h"

static struct tm_findings f;

static int forget(void **state)
{
	tm_findings_free(&f);
	return 0;
}

/* The only finding of that name. */
static const struct tm_finding *the(const char *name)
{
	const struct tm_finding *found = NULL;

	for (size_t i = 0; i < f.count; i++) {
		if (strcmp(f.list[i].name, name))
			continue;
		assert_null(found);
		found = &f.list[i];
	}
	assert_non_null(found);
	return found;
}

static void is(const char *name, enum tm_result result, const char *words)
{
	const struct tm_finding *found = the(name);

	if (!strstr(found->text, words))
		print_message("# %s: '%s' is not in: %s\n", name, words, found->text);
	assert_non_null(strstr(found->text, words));
	assert_int_equal(found->result, result);
	assert_true(result != TM_FAULT || *found->advice);
	tm_findings_free(&f);
}

/* ---- findings */

static void test_findings(void **state)
{
	for (int i = 0; i < 100; i++) {
		tm_find(&f, i % 3, "check", i % 2 ? "wan" : NULL, "number %d", i);
		tm_advise(&f, "do %d", i);
	}
	assert_int_equal(f.count, 100);
	assert_int_equal(f.warnings, 33);
	assert_int_equal(f.faults, 33);
	assert_string_equal(f.list[98].text, "number 98");
	assert_string_equal(f.list[98].advice, "do 98");
	assert_string_equal(f.list[98].hook, "");
	assert_string_equal(f.list[99].hook, "wan");
	assert_string_equal(tm_result_name(TM_OK), "ok");
	assert_string_equal(tm_result_name(TM_WARNING), "warning");
	assert_string_equal(tm_result_name(TM_FAULT), "fault");
}

static void test_long_texts_are_cut(void **state)
{
	char text[1000];

	memset(text, 'x', sizeof(text));
	text[999] = 0;
	tm_find(&f, TM_OK, "check", text, "%s", text);
	tm_advise(&f, "%s", text);
	assert_int_equal(strlen(f.list[0].text), sizeof(f.list[0].text) - 1);
	assert_int_equal(strlen(f.list[0].advice), sizeof(f.list[0].advice) - 1);
	assert_int_equal(strlen(f.list[0].hook), sizeof(f.list[0].hook) - 1);
}

/* ---- trial SYNs */

static const struct tm_trial trials[] = {
	{ PK_LINK_ETHERNET, PK_IPV4, 0x12345678, { 2, 0, 0, 0, 0, 1 } },
	{ PK_LINK_ETHERNET, PK_IPV6, 0x12345678, { 2, 0, 0, 0, 0, 1 } },
	{ PK_LINK_RAW, PK_IPV4, 0xffffffff },
	{ PK_LINK_RAW, PK_IPV6, 1 },
	{ PK_LINK_ETHERNET, PK_IPV4, 2, { 2 }, true },
	{ PK_LINK_RAW, PK_IPV6, 3, { 0 }, true },
};

#define TRIALS (sizeof(trials) / sizeof(*trials))

static void make_rules(struct tm_image *image, struct tm_rules *rules, uint16_t mtu, uint32_t flags)
{
	struct tm_ruleset set = { .hooks[0] = { .mtu = mtu, .flags = flags } };

	assert_int_equal(tm_image_build(image, &set), 0);
	*rules = (struct tm_rules){ .image = tm_image_rules(image) };
}

static void test_trial_is_a_clampable_syn(void **state)
{
	struct tm_image image;
	struct tm_rules rules;

	make_rules(&image, &rules, 1300, 0);
	for (size_t i = 0; i < TRIALS; i++) {
		struct tm_frame frame, whole;
		struct pk_result result;

		tm_trial_build(&trials[i], &frame);
		assert_int_equal(tm_trial_mss(&trials[i], &frame), TM_TRIAL_MSS);
		whole = frame;
		assert_true(tm_finish_checksum(trials[i].link, whole.bytes, whole.len));
		assert_int_equal(!memcmp(whole.bytes, frame.bytes, frame.len), !trials[i].partial);
		result = tm_clamp_frame(&rules, trials[i].link, frame.bytes, &frame.len, TM_TRIAL_ROOM);
		assert_int_equal(result.reason, PK_CLAMPED);
		assert_int_equal(!!(result.also & 1u << PK_CHECKSUM_PARTIAL), trials[i].partial);
	}
	tm_image_free(&image);
}

/* Nobody may answer: the hop limit, and where there is no link layer to hide behind, the source. */
static void test_trial_is_harmless(void **state)
{
	for (size_t i = 0; i < TRIALS; i++) {
		const struct tm_trial *t = &trials[i];
		static const uint8_t zero[16];
		uint8_t source[16], destination[16], *ip;
		struct tm_frame frame;

		tm_trial_build(t, &frame);
		ip = frame.bytes + tm_trial_l3(t);
		assert_int_equal(t->family == PK_IPV4 ? ip[8] : ip[7], 1);
		tm_trial_addresses(t, source, destination);
		assert_memory_equal(ip + (t->family == PK_IPV4 ? 12 : 8), source, t->family == PK_IPV4 ? 4 : 16);
		assert_memory_equal(destination, t->family == PK_IPV4 ? "\xc0\x00\x02\x02" : "\x20\x01\x0d\xb8", 4);
		if (t->link == PK_LINK_RAW) {
			assert_memory_equal(source, zero, 16);
			continue;
		}
		assert_int_equal(frame.bytes[0] & 3, 2); /* locally administered, to one */
		assert_memory_equal(frame.bytes + 6, t->source, 6);
	}
}

static void test_trial_expects_what_the_core_does(void **state)
{
	for (size_t i = 0; i < TRIALS; i++) {
		uint16_t less = trials[i].family == PK_IPV4 ? 40 : 60;
		struct tm_frame frame, other;
		struct tm_image image;
		struct tm_rules rules;

		make_rules(&image, &rules, 1400, PK_HOOK_AUTO | PK_HOOK_ROUTE);
		tm_trial_build(&trials[i], &frame);
		other = frame;
		assert_int_equal(tm_trial_expect(&trials[i], &rules, 1500, 0, &other), 1400 - less);
		other = frame;
		assert_int_equal(tm_trial_expect(&trials[i], &rules, 1350, 0, &other), 1350 - less);
		other = frame;
		assert_int_equal(tm_trial_expect(&trials[i], &rules, 1350, 1320, &other), 1320 - less);
		tm_image_free(&image);
	}
}

/* ---- what came out */

/* All well: the rules' frame came out, and was counted. */
static struct tm_syn_facts well(size_t i, enum tm_way way)
{
	struct tm_syn_facts s = { .hook = "wan",
				  .device = "wan0",
				  .way = way,
				  .leaving = way == TM_SENT,
				  .trial = trials[i],
				  .seen = true,
				  .passed = true,
				  .counted = 1 };
	struct tm_image image;
	struct tm_rules rules;

	make_rules(&image, &rules, 1300, 0);
	tm_trial_build(&s.trial, &s.sent);
	s.expected = s.sent;
	s.expected_mss = tm_trial_expect(&s.trial, &rules, 1500, 0, &s.expected);
	tm_image_free(&image);
	s.got = s.expected;
	s.got_partial = s.trial.partial;
	return s;
}

static void test_syn_well(void **state)
{
	static const enum tm_way ways[] = { TM_SENT, TM_PUT, TM_FROM_PEER, TM_CARRIED, TM_COUNTED, TM_RUN };

	for (size_t i = 0; i < TRIALS; i++) {
		for (size_t w = 0; w < sizeof(ways) / sizeof(*ways); w++) {
			struct tm_syn_facts s = well(i, ways[w]);

			tm_judge_syn(&f, &s);
			is("syn", TM_OK, "counted");
		}
	}
}

/* The stack finished the checksum before the driver got the frame. */
static void test_syn_finished(void **state)
{
	struct tm_syn_facts s = well(4, TM_SENT);

	s.got_partial = false;
	tm_judge_syn(&f, &s);
	is("syn", TM_FAULT, "wrong TCP checksum");
	tm_finish_checksum(s.trial.link, s.got.bytes, s.got.len);
	tm_judge_syn(&f, &s);
	is("syn", TM_OK, "checksum right");
}

static void test_syn_padded(void **state)
{
	struct tm_syn_facts s = well(0, TM_SENT);

	memset(s.got.bytes + s.got.len, 0, 6);
	s.got.len += 6;
	tm_judge_syn(&f, &s);
	is("syn", TM_OK, "1260 came out");
}

static void test_syn_faults(void **state)
{
	for (size_t i = 0; i < TRIALS; i++) {
		struct tm_syn_facts s = well(i, TM_PUT);
		uint32_t tcp = tm_trial_l4(&s.trial);

		s.seen = false;
		tm_judge_syn(&f, &s);
		is("syn", TM_FAULT, "did not come out");
		s.counted = 0;
		tm_judge_syn(&f, &s);
		is("syn", TM_FAULT, "never reached the clamp");
		s = well(i, TM_PUT);
		s.got = s.sent;
		tm_judge_syn(&f, &s);
		is("syn", TM_FAULT, "unclamped");
		s = well(i, TM_PUT);
		s.counted = 0;
		tm_judge_syn(&f, &s);
		is("syn", TM_FAULT, "did not count it");
		s = well(i, TM_PUT);
		s.got.bytes[tcp + PK_TCP_CHECKSUM] ^= 1;
		tm_judge_syn(&f, &s);
		is("syn", TM_FAULT, "wrong TCP checksum");
		s = well(i, TM_PUT);
		s.got.bytes[tcp + PK_TCP_HEADER + 3]--;
		tm_judge_syn(&f, &s);
		is("syn", TM_FAULT, "where the rules say");
		s = well(i, TM_PUT);
		s.got.bytes[tm_trial_l3(&s.trial) + 1] ^= 1; /* type of service, or flow label */
		tm_judge_syn(&f, &s);
		is("syn", TM_FAULT, "other bytes");
		s = well(i, TM_RUN);
		s.passed = false;
		tm_judge_syn(&f, &s);
		is("syn", TM_FAULT, "does not let the SYN pass");
	}
}

static void test_syn_by_route(void **state)
{
	struct tm_syn_facts s = well(0, TM_PUT);
	uint32_t mss = tm_trial_l4(&s.trial) + PK_TCP_HEADER + 2;

	s.by_route = true;
	s.got.bytes[mss + 1]--;
	tm_finish_checksum(s.trial.link, s.got.bytes, s.got.len);
	tm_judge_syn(&f, &s);
	is("syn", TM_OK, "by its route");
	s.got.bytes[mss + 1] += 2;
	tm_finish_checksum(s.trial.link, s.got.bytes, s.got.len);
	tm_judge_syn(&f, &s);
	is("syn", TM_FAULT, "where the rules say");
	s.expected = s.got = s.sent; /* no limit but the route's */
	s.expected_mss = TM_TRIAL_MSS;
	tm_judge_syn(&f, &s);
	is("syn", TM_FAULT, "unclamped");
}

static void test_order(void **state)
{
	struct tm_attached list[] = {
		{ "XDP", "guard", 7 }, { "tc flower", "", 0 }, { "TCX", "tcpmss_in", 9, true }, { "TCX", "late", 10 }
	};

	tm_judge_order(&f, "wan", "in", list, 4, false);
	is("order", TM_WARNING, "XDP program 7 guard, tc flower filter");
	tm_judge_order(&f, "wan", "in", list, 4, true);
	is("order", TM_FAULT, "guard");
	tm_judge_order(&f, "wan", "in", list + 2, 2, false);
	is("order", TM_OK, "first");
	tm_judge_order(&f, "wan", "out", list, 2, false);
	is("order", TM_FAULT, "not among");
	tm_judge_order(&f, "wan", "out", list, 0, false);
	is("order", TM_FAULT, "not among");
}

/* ---- devices */

static const struct tm_device_facts good = {
	.name = "wan0", .mtu = 1500, .up = true, .carrier = true, .promisc = true, .features = true
};
static const struct tm_hook_facts hook = { .name = "wan", .mss4 = 1260, .mss6 = 1240 };

static void test_device(void **state)
{
	struct tm_hook_facts xdp = hook;
	struct tm_device_facts d = good;

	xdp.xdp = true;
	tm_judge_device(&f, &d, &hook);
	is("device", TM_OK, "wan0 is up");
	d.gro_hw = true;
	tm_judge_device(&f, &d, &hook);
	is("offload", TM_OK, "wan0");
	tm_judge_device(&f, &d, &xdp);
	is("offload", TM_WARNING, "rx-gro-hw");
	d.gro_hw = false;
	d.native_xdp = xdp.generic = true;
	tm_judge_device(&f, &d, &xdp);
	is("driver", TM_OK, "XDP of its own");
	d = good;
	d.lro = true;
	tm_judge_device(&f, &d, &hook);
	is("offload", TM_WARNING, "LRO");
	d = good;
	d.hw_tc = true;
	tm_judge_device(&f, &d, &hook);
	is("offload", TM_WARNING, "hw-tc-offload");
	d = good;
	d.carrier = false;
	tm_judge_device(&f, &d, &hook);
	is("device", TM_WARNING, "no carrier");
	d.up = false;
	tm_judge_device(&f, &d, &hook);
	is("device", TM_FAULT, "down");
}

static void test_limit(void **state)
{
	struct tm_hook_facts h = hook;
	struct tm_device_facts d = good;

	tm_judge_limit(&f, &d, &h);
	is("limit", TM_OK, "1260");
	h.mss4 = h.mss6 = 1460;
	tm_judge_limit(&f, &d, &h);
	is("limit", TM_WARNING, "more than IPv6 can use");
	h = hook;
	h.mss4 = 1160;
	d.mtu = 1200;
	tm_judge_limit(&f, &d, &h);
	is("limit", TM_WARNING, "IPv6 needs");
	h = hook;
	d = good;
	d.peer = d.lower = (struct tm_neighbour_facts){ .known = true, .name = "eth9", .mtu = 1300, .up = true };
	tm_judge_limit(&f, &d, &h);
	is("peer-mtu", TM_OK, "eth9");
	tm_judge_limit(&f, &d, &h);
	is("lower-mtu", TM_OK, "eth9");
	d.peer.up = false;
	tm_judge_limit(&f, &d, &h);
	is("peer-mtu", TM_WARNING, "down");
	d.peer.mtu = 1299;
	tm_judge_limit(&f, &d, &h);
	is("peer-mtu", TM_FAULT, "1299");
	d.lower.mtu = 1280;
	tm_judge_limit(&f, &d, &h);
	is("lower-mtu", TM_FAULT, "1280");
	d.mtu = 1299;
	tm_judge_limit(&f, &d, &h);
	is("limit", TM_FAULT, "1299");
	d = good;
	h.route_mtu = 1299;
	tm_judge_limit(&f, &d, &h);
	is("route-mtu", TM_WARNING, "1299");
	h.mss4 = h.mss6 = 0;
	tm_judge_limit(&f, &d, &h);
	is("limit", TM_WARNING, "no limit");
	h.follows_routes = true;
	tm_judge_limit(&f, &d, &h);
	assert_int_equal(f.count, 0);
}

static void test_wire(void **state)
{
	struct tm_device_facts ends[2] = { good, good };

	tm_judge_wire(&f, "wire", ends);
	is("wire", TM_OK, "same MTU");
	ends[1].mtu = 1400;
	tm_judge_wire(&f, "wire", ends);
	is("wire", TM_FAULT, "1400");
	ends[1] = good;
	ends[0].promisc = false;
	tm_judge_wire(&f, "wire", ends);
	is("wire", TM_FAULT, "only frames for itself");
}

static void test_gateway(void **state)
{
	struct tm_gateway_facts g = { "192.0.2.1", "wan0", 1300, true, true };

	tm_judge_gateway(&f, "wan", &g);
	is("gateway-mtu", TM_OK, "1300");
	g.large_answered = false;
	tm_judge_gateway(&f, "wan", &g);
	is("gateway-mtu", TM_FAULT, "none of 1300");
	g.small_answered = false;
	tm_judge_gateway(&f, "wan", &g);
	is("gateway-mtu", TM_WARNING, "answers no echo");
}

/* ---- firewalls */

static const char iptables[] =
	"# Generated by iptables-save\n"
	"*mangle\n"
	":FORWARD ACCEPT [0:0]\n"
	"-A FORWARD -p tcp -m comment --comment \"-j TCPMSS --set-mss 1\" -j ACCEPT\n"
	"-A FORWARD -o wan0 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1200\n"
	"-A POSTROUTING -p tcp -j TCPMSS --clamp-mss-to-pmtu\n"
	"-A POSTROUTING -p tcp -m tcp --tcp-flags SYN,RST SYN -j NFQUEUE --queue-num 5 --queue-bypass\n"
	"COMMIT\n"
	"*raw\n"
	"-A PREROUTING -j NFQUEUE --queue-balance 0:3\n"
	"COMMIT";

static void test_iptables(void **state)
{
	struct tm_firewall w = { 0 };

	tm_firewall_iptables(&w, "ip6tables", iptables);
	assert_int_equal(w.count, 4);
	assert_string_equal(w.rules[0].where, "ip6tables mangle FORWARD");
	assert_true(w.rules[0].ipv6 && !w.rules[0].queue && w.rules[0].mss == 1200);
	assert_true(!w.rules[1].queue && w.rules[1].mss == 0);
	assert_true(w.rules[2].queue && w.rules[2].bypass && w.rules[2].first == 5 && w.rules[2].last == 5);
	assert_string_equal(w.rules[3].where, "ip6tables raw PREROUTING");
	assert_true(w.rules[3].queue && !w.rules[3].bypass && w.rules[3].first == 0 && w.rules[3].last == 3);
}

static const char nft[] =
	"table inet filter {\n"
	"\tset maxseg {\n\t\ttype ipv4_addr\n\t}\n\n"
	"\tchain forward {\n"
	"\t\ttype filter hook forward priority 0; policy accept;\n"
	"\t\ttcp flags syn tcp option maxseg size set 1200 comment \"queue to 9\"\n"
	"\t\ttcp flags syn tcp option maxseg size set rt mtu\n"
	"\t\ttcp option maxseg size 1-500 drop\n"
	"\t\ttcp flags & (syn | rst) == syn queue num 7 bypass\n"
	"\t\ttcp flags syn counter packets 1 bytes 60 queue flags bypass,fanout to 1-3 comment \"4\"\n"
	"\t}\n"
	"}\n"
	"table ip6 six {\n"
	"\tchain post {\n"
	"\t\tqueue to 4\n"
	"\t}\n"
	"}\n";

static void test_nft(void **state)
{
	struct tm_firewall w = { 0 };

	tm_firewall_nft(&w, nft);
	assert_int_equal(w.count, 5);
	assert_string_equal(w.rules[0].where, "nft inet filter forward");
	assert_true(!w.rules[0].queue && w.rules[0].mss == 1200 && !w.rules[0].ipv6);
	assert_true(!w.rules[1].queue && w.rules[1].mss == 0);
	assert_true(w.rules[2].queue && w.rules[2].bypass && w.rules[2].first == 7 && w.rules[2].last == 7);
	assert_true(w.rules[3].queue && w.rules[3].bypass && w.rules[3].first == 1 && w.rules[3].last == 3);
	assert_string_equal(w.rules[4].where, "nft ip6 six post");
	assert_true(w.rules[4].queue && !w.rules[4].bypass && w.rules[4].ipv6 && w.rules[4].first == 4);
}

static void test_hostile_texts(void **state)
{
	struct tm_firewall w = { 0 };

	hostile_firewall_texts(nft, iptables);
	for (int i = 0; i < 100; i++)
		tm_firewall_nft(&w, nft);
	assert_int_equal(w.count, TM_FIREWALL_RULES);
	assert_true(w.more);
}

static void test_clamps(void **state)
{
	struct tm_firewall w = { .count = 1, .rules = { { .mss = 1200, .where = "iptables mangle FORWARD" } } };

	tm_judge_clamps(&f, &w, &hook);
	is("other-clamp", TM_FAULT, "iptables mangle FORWARD");
	w.rules[0].mss = 1260;
	tm_judge_clamps(&f, &w, &hook);
	is("other-clamp", TM_WARNING, "clamps, too");
	w.rules[0].ipv6 = true;
	w.rules[0].mss = 1239;
	tm_judge_clamps(&f, &w, &hook);
	is("other-clamp", TM_FAULT, "1240");
	w.rules[0].mss = 0;
	tm_judge_clamps(&f, &w, &hook);
	is("other-clamp", TM_WARNING, "the route");
	w.rules[0].queue = true;
	tm_judge_clamps(&f, &w, &hook);
	is("other-clamp", TM_OK, "no rule");
}

static void test_queues(void **state)
{
	struct tm_firewall w = { .count = 1,
				 .rules = { { .queue = true, .first = 5, .last = 6, .where = "nft inet t c" } } };
	struct tm_listener l[] = { { 5, "tcpmssd" }, { 6, "tcpmssd-queue" } };

	tm_judge_queues(&f, &w, l, 0);
	is("queue", TM_FAULT, "queue 5, which nobody reads: its packets are dropped");
	tm_judge_queues(&f, &w, l, 1);
	is("queue", TM_FAULT, "queue 6, which nobody reads");
	tm_judge_queues(&f, &w, l, 2);
	is("queue", TM_FAULT, "without bypass");
	w.rules[0].bypass = true;
	tm_judge_queues(&f, &w, l, 2);
	is("queue", TM_OK, "fails open");
	tm_judge_queues(&f, &w, l, 0);
	is("queue", TM_FAULT, "pass unclamped");
	w.rules[0] = (struct tm_firewall_rule){ .queue = true, .first = 5, .last = 5 };
	strcpy(l[0].program, "ids");
	tm_judge_queues(&f, &w, l, 1);
	is("queue", TM_OK, "ids");
	w.count = 0;
	tm_judge_queues(&f, &w, l, 1);
	assert_int_equal(f.count, 0);
	tm_judge_queues(&f, &w, l + 1, 1);
	is("queue", TM_FAULT, "no rule feeds it");
}

/* ---- tcpmssd */

static void test_daemon(void **state)
{
	struct tm_daemon_facts d = { .file = "/etc/tcpmss.conf", .why = "because", .pid = 7 };
	struct tm_daemon_hook h = { "wan", "not attached: waits for ppp0" };

	tm_judge_daemon(&f, &d);
	is("daemon", TM_OK, "no tcpmssd");
	d.state = TM_DAEMON_ELSEWHERE;
	tm_judge_daemon(&f, &d);
	is("daemon", TM_OK, "another network namespace");
	d.state = TM_DAEMON_REFUSES;
	tm_judge_daemon(&f, &d);
	is("daemon", TM_WARNING, "because");
	d.state = TM_DAEMON_FAILS;
	tm_judge_daemon(&f, &d);
	is("daemon", TM_FAULT, "because");
	d.state = TM_DAEMON_ANSWERS;
	tm_judge_daemon(&f, &d);
	is("daemon", TM_OK, "process 7, configuration /etc/tcpmss.conf");
	d.seconds_to_confirm = 12;
	tm_judge_daemon(&f, &d);
	assert_int_equal(f.warnings, 1);
	tm_findings_free(&f);
	tm_judge_daemon_hook(&f, &h);
	is("daemon", TM_WARNING, "ppp0");
	h.queue = true;
	tm_judge_daemon_hook(&f, &h);
	is("daemon", TM_FAULT, "ppp0");
	h.alive = true;
	tm_judge_daemon_hook(&f, &h);
	is("daemon", TM_OK, "reads its queue");
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test_teardown(test_findings, forget),
	cmocka_unit_test_teardown(test_long_texts_are_cut, forget),
	cmocka_unit_test(test_trial_is_a_clampable_syn),
	cmocka_unit_test(test_trial_is_harmless),
	cmocka_unit_test(test_trial_expects_what_the_core_does),
	cmocka_unit_test_teardown(test_syn_well, forget),
	cmocka_unit_test_teardown(test_syn_finished, forget),
	cmocka_unit_test_teardown(test_syn_padded, forget),
	cmocka_unit_test_teardown(test_syn_faults, forget),
	cmocka_unit_test_teardown(test_syn_by_route, forget),
	cmocka_unit_test_teardown(test_order, forget),
	cmocka_unit_test_teardown(test_device, forget),
	cmocka_unit_test_teardown(test_limit, forget),
	cmocka_unit_test_teardown(test_wire, forget),
	cmocka_unit_test_teardown(test_gateway, forget),
	cmocka_unit_test(test_iptables),
	cmocka_unit_test(test_nft),
	cmocka_unit_test(test_hostile_texts),
	cmocka_unit_test_teardown(test_clamps, forget),
	cmocka_unit_test_teardown(test_queues, forget),
	cmocka_unit_test_teardown(test_daemon, forget),
};

TEST_MAIN(group, NULL, NULL)
