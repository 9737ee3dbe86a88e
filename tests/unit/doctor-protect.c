/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What doctor makes of a protect block.
 */
#include "test.h"

#include <string.h>

#include "lib/doctor/protect.h"

static const struct tm_protect_machine machine = {
	.known = true, .conntrack = 100, .conntrack_max = 1000, .syncookies = 1
};

/* Judges a block whose JSON is that of a good one, with some keys replaced. */
static struct tm_findings judge(const char *other, const struct tm_protect_machine *m, bool veth)
{
	static const char good[] =
		"{\"name\": \"web\", \"state\": \"idle\", \"mode\": \"adaptive\", \"accelerator\": \"tc\", \"armed\": 0, \"server_count\": 1,"
		"\"counters\": {\"ipv4\": {\"sampled-opened\": 100, \"sampled-completed\": 90, \"failed\": 0}, \"ipv6\": {}},"
		"\"devices\": [{\"name\": \"e0\", \"side\": \"client\", \"attachment\": \"tc\"},"
		"              {\"name\": \"e1\", \"side\": \"server\", \"attachment\": \"tc\"}],"
		"\"servers\": [{\"wscale\": null, \"sack\": true, \"timestamps\": true}], \"warnings\": []}";
	json_t *block = json_loads(good, 0, NULL), *more = json_loads(other, 0, NULL);
	struct tm_findings f = { 0 };
	struct tm_protect_facts p;

	assert_non_null(block);
	assert_non_null(more);
	json_object_update(block, more);
	assert_true(tm_protect_facts(&p, block));
	for (unsigned i = 0; i < p.device_count; i++)
		p.devices[i].veth = veth;
	tm_judge_protect(&f, &p, m);
	json_decref(block);
	json_decref(more);
	return f;
}

/* One finding beside "in place", that says so. */
static void finds(const char *other, const struct tm_protect_machine *m, enum tm_result result, const char *words)
{
	struct tm_findings f = judge(other, m, false);
	const struct tm_finding *found = NULL;
	unsigned count = 0;

	for (size_t i = 0; i < f.count; i++)
		if (strncmp(f.list[i].text, "in place", 8))
			found = &f.list[i], count++;
	if (count != 1 || found->result != result || !strstr(found->text, words))
		fail_msg("%s: %u findings, '%s', not '%s'", other, count, found ? found->text : "", words);
	assert_true(result != TM_FAULT || *found->advice);
	assert_string_equal(found->hook, "web");
	tm_findings_free(&f);
}

static void nothing(const char *other, const struct tm_protect_machine *m)
{
	struct tm_findings f = judge(other, m, false);

	assert_int_equal(f.faults + f.warnings, 0);
	tm_findings_free(&f);
}

static void test_good(void **state)
{
	struct tm_findings f = judge("{}", &machine, true);

	assert_int_equal(f.count, 1);
	assert_int_equal(f.list[0].result, TM_OK);
	assert_string_equal(f.list[0].text, "in place, and idle; armed so far: 0 times");
	tm_findings_free(&f);
	f = judge("{\"state\": \"flooded\"}", &machine, false);
	assert_string_equal(f.list[0].text, "in place, and armed; armed so far: 0 times");
	assert_int_equal(f.faults + f.warnings, 0);
	tm_findings_free(&f);
}

static void test_devices(void **state)
{
	struct tm_findings f;

	finds("{\"devices\": [{\"name\": \"e0\", \"side\": \"client\", \"attachment\": null}]}", &machine, TM_FAULT,
	      "e0: there is no program where clients come in");
	finds("{\"devices\": [{\"name\": \"e1\", \"side\": \"server\", \"attachment\": null}], \"warnings\": [\"no program on e1: so\"]}",
	      &machine, TM_FAULT, "e1: no program on e1: so");
	finds("{\"warnings\": [\"no program on e10: so\"]}", &machine, TM_WARNING, "no program on e10: so");
	f = judge("{\"devices\": [{\"name\": \"e0\", \"side\": \"client\", \"attachment\": \"xdp\"}]}", &machine, true);
	assert_int_equal(f.warnings, 1);
	assert_non_null(strstr(f.list[0].text, "XDP in the driver of e0"));
	tm_findings_free(&f);
}

static void test_machine(void **state)
{
	struct tm_protect_machine m = machine;

	m.loose = true;
	nothing("{}", &m); /* only while cookies are used */
	finds("{\"state\": \"armed\"}", &m, TM_FAULT, "nf_conntrack_tcp_loose");
	m.loose = false;
	m.conntrack = 900;
	finds("{}", &m, TM_WARNING, "conntrack has 900 of 1000");
	m.known = false;
	nothing("{\"state\": \"armed\"}", &m);
}

static void test_sample(void **state)
{
	finds("{\"server_count\": 0, \"servers\": []}", &machine, TM_FAULT, "no answer of theirs was seen");
	finds("{\"counters\": {\"ipv6\": {\"sampled-opened\": 100}}}", &machine, TM_WARNING, "no client has answered");
	nothing("{\"armed\": 1, \"counters\": {\"ipv6\": {\"sampled-opened\": 100}}}", &machine); /* so a flood looks */
	finds("{\"counters\": {\"ipv6\": {\"sampled-opened\": 100, \"sampled-completed\": 1, \"failed\": 3}}}",
	      &machine, TM_WARNING, "3 SYNs could not be answered");
	/* Too few to tell. */
	nothing("{\"counters\": {\"ipv4\": {\"sampled-opened\": 19}}, \"server_count\": 0}", &machine);
}

static void test_need(void **state)
{
	static const char current[] = "{\"servers\": [{\"wscale\": 7, \"sack\": true, \"timestamps\": true},"
				      "{\"wscale\": 0, \"sack\": true, \"timestamps\": true}]}";
	struct tm_findings f;

	finds(current, &machine, TM_OK, "looks like current systems (window scaling, SACK and timestamps at all 2 ");
	f = judge(current, &machine, false);
	assert_non_null(strstr(f.list[1].advice, "tcp_syncookies=1"));
	tm_findings_free(&f);
}

static void test_local(void **state)
{
	struct tm_protect_machine m = machine;
	struct tm_findings f = { 0 };

	tm_judge_protect_local(&f, "web", "10.0.0.1", &m);
	assert_non_null(strstr(f.list[0].advice, "tcp_syncookies=1 protects"));
	m.syncookies = 0;
	tm_judge_protect_local(&f, "web", "10.0.0.1", &m);
	assert_non_null(strstr(f.list[1].advice, "set net.ipv4.tcp_syncookies=1"));
	tm_findings_free(&f);
}

/* Whatever comes from the socket. */
static void test_odd_json(void **state)
{
	static const char *const texts[] = {
		"{}",
		"{\"name\": 5, \"state\": \"idle\"}",
		"{\"name\": \"\", \"state\": \"idle\"}",
		"{\"name\": \"x\"}",
	};
	struct tm_protect_facts p;
	json_t *o;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		o = json_loads(texts[i], 0, NULL);
		assert_false(tm_protect_facts(&p, o));
		json_decref(o);
	}
	o = json_loads(
		"{\"name\": \"x\", \"state\": \"idle\", \"devices\": [1, {}], \"warnings\": [2], \"servers\": 3, \"counters\": [],"
		"\"armed\": -1}",
		0, NULL);
	assert_true(tm_protect_facts(&p, o));
	assert_int_equal(p.warning_count, 0);
	assert_int_equal(p.times_armed, 0);
	assert_int_equal(p.device_count, 2);
	json_decref(o);
	o = json_pack("{s:s, s:s, s:o, s:o}", "name", "x", "state", "idle", "devices", json_array(), "warnings",
		      json_array());
	for (int i = 0; i < 100; i++) {
		json_array_append_new(json_object_get(o, "devices"), json_pack("{s:s}", "name", "e"));
		json_array_append_new(json_object_get(o, "warnings"), json_string("w"));
	}
	assert_true(tm_protect_facts(&p, o));
	assert_int_equal(p.device_count, TM_PROTECT_FACTS_DEVICES);
	assert_int_equal(p.warning_count, TM_PROTECT_FACTS_WARNINGS);
	json_decref(o);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_good),	 cmocka_unit_test(test_devices), cmocka_unit_test(test_machine),
	cmocka_unit_test(test_sample),	 cmocka_unit_test(test_need),	 cmocka_unit_test(test_local),
	cmocka_unit_test(test_odd_json),
};

TEST_MAIN(group, NULL, NULL)
