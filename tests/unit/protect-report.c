/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is told of protect blocks: the JSON documents, the metrics, and the events of the controller.
 */
#include "test.h"

#include <string.h>

#include "lib/report/event.h"
#include "lib/report/metrics-protect.h"
#include "lib/protect/json.h"

static const char text[] =
	"protect web { servers = { 10.0.2.0/24, 2001:db8::/32 } ports = { 80, 8000-8100 } device = eth0 mss = 1400 }"
	"protect all { servers = ::/0 ports = all device = eth0 accelerator = none mode = always wscale = 3 }";

static struct tm_config config;
static struct tm_protect_reports reports;

/* Two blocks, of which the second is flooded. */
static int setup(void **state)
{
	struct tm_config_errors errors = { 0 };
	struct tm_protect_report *r;

	assert_int_equal(tm_config_parse(&config, "test", text, strlen(text), &errors), 0);
	r = tm_protect_reports_add(&reports, &config.protects[0]);
	r->servers = calloc(3, sizeof(*r->servers));
	r->server_count = 3;
	r->servers_known = 700;
	r->servers[0] = (struct tm_protect_server_report){ .family = PK_IPV6,
							   .address = { 0x20, 1, 0xd, 0xb8 },
							   .port = 80,
							   .mss = 1220,
							   .wscale = TM_WSCALE_NONE,
							   .seen = 1999 };
	r->servers[1] = (struct tm_protect_server_report){ .family = PK_IPV4,
							   .address = { 10, 0, 2, 1 },
							   .port = 443,
							   .mss = 1360,
							   .own_mss = 1460,
							   .route_mtu = 1400,
							   .wscale = 10,
							   .offers = TM_SERVER_SACK | TM_SERVER_TIMESTAMPS };
	r->servers[2] = r->servers[1];
	r->servers[2].port = 80;
	r->devices = calloc(2, sizeof(*r->devices));
	r->device_count = 2;
	r->devices[0] = (struct tm_protect_device_report){ "eth1", TM_SERVER_SIDE, "", 0 };
	r->devices[1] = (struct tm_protect_device_report){ "eth0", TM_CLIENT_SIDE, "tcx", 1500 };
	for (int i = 0; i < TM_WARNINGS + 3; i++)
		tm_protect_report_warn(r, "wrong %d", i);
	r = tm_protect_reports_add(&reports, &config.protects[1]);
	r->state = TM_PROTECTION_FLOODED;
	r->since = 61500;
	r->armed = 3;
	r->half_open = 6000000;
	r->rates = (struct tm_protect_rates){ 1, 100000, 50, 7 };
	r->counters.packets[PK_IPV6][PK_PROTECT_ANSWERED] = 123456789012;
	tm_protect_reports_sort(&reports);
	return 0;
}

static int teardown(void **state)
{
	tm_protect_reports_free(&reports);
	assert_int_equal(reports.count, 0);
	tm_config_free(&config);
	return 0;
}

static const json_t *at(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);

	if (!value)
		fail_msg("no '%s'", key);
	return value;
}

static void assert_number(const json_t *o, const char *key, json_int_t wanted)
{
	if (json_integer_value(at(o, key)) != wanted)
		fail_msg("%s is %lld, not %lld", key, (long long)json_integer_value(at(o, key)), (long long)wanted);
}

static void assert_word(const json_t *o, const char *key, const char *wanted)
{
	assert_non_null(json_string_value(at(o, key)));
	assert_string_equal(json_string_value(at(o, key)), wanted);
}

static void test_show(void **state)
{
	json_t *document = tm_protect_show_json(&reports);
	const json_t *list = at(document, "protect"), *all = json_array_get(list, 0), *web = json_array_get(list, 1),
		     *o;

	assert_number(document, "schema_version", 1);
	assert_int_equal(json_array_size(list), 2);
	assert_word(all, "name", "all");
	assert_word(all, "state", "flooded");
	assert_number(all, "seconds", 61);
	assert_word(all, "mode", "always");
	assert_word(all, "accelerator", "none");
	assert_number(all, "half_open", 6000000);
	assert_number(all, "high", 2000);
	assert_number(all, "low", 500);
	assert_number(all, "armed", 3);
	assert_number(all, "wscale", 3);
	assert_true(json_is_null(at(all, "mss")));
	assert_number(at(all, "rates"), "answered", 100000);
	assert_number(at(all, "rates"), "cookies_good", 50);
	assert_number(at(all, "rates"), "cookies_bad", 7);
	assert_number(at(at(all, "counters"), "ipv6"), "answered", 123456789012);
	assert_number(at(at(all, "counters"), "ipv4"), "sampled-reset", 0);
	assert_word(all, "ports", "all");
	assert_int_equal(json_array_size(at(all, "servers")), 0);

	assert_word(web, "state", "idle");
	assert_number(web, "mss", 1400);
	assert_true(json_is_null(at(web, "wscale")));
	assert_number(web, "prefix_count", 2);
	assert_number(web, "server_count", 700);
	assert_string_equal(json_string_value(json_array_get(at(web, "prefixes"), 1)), "2001:db8::/32");
	assert_int_equal(json_integer_value(json_array_get(at(web, "ports"), 0)), 80);
	assert_string_equal(json_string_value(json_array_get(at(web, "ports"), 1)), "8000-8100");
	assert_int_equal(json_array_size(at(web, "warnings")), TM_WARNINGS);
	o = json_array_get(at(web, "devices"), 0);
	assert_word(o, "name", "eth0");
	assert_word(o, "side", "client");
	assert_word(o, "attachment", "tcx");
	assert_true(json_is_null(at(json_array_get(at(web, "devices"), 1), "attachment")));
	o = json_array_get(at(web, "servers"), 0);
	assert_word(o, "address", "10.0.2.1");
	assert_number(o, "port", 80);
	o = json_array_get(at(web, "servers"), 1);
	assert_number(o, "port", 443);
	assert_number(o, "mss", 1360);
	assert_number(o, "own_mss", 1460);
	assert_number(o, "route_mtu", 1400);
	assert_number(o, "wscale", 10);
	assert_true(json_is_true(at(o, "sack")) && json_is_true(at(o, "timestamps")));
	o = json_array_get(at(web, "servers"), 2);
	assert_word(o, "address", "2001:db8::");
	assert_number(o, "seen_seconds", 1);
	assert_true(json_is_null(at(o, "wscale")) && json_is_null(at(o, "own_mss")) && json_is_false(at(o, "sack")));
	json_decref(document);
}

/* In the document of `show` blocks are short. */
static void test_short(void **state)
{
	json_t *list = tm_protects_json(&reports, false);
	const json_t *web = json_array_get(list, 1);

	assert_number(web, "prefix_count", 2);
	assert_null(json_object_get(web, "prefixes"));
	assert_null(json_object_get(web, "servers"));
	json_decref(list);
}

static void assert_has(const char *all, const char *part)
{
	if (!strstr(all, part))
		fail_msg("'%s' is not in:\n%s", part, all);
}

static void test_metrics(void **state)
{
	struct tm_metrics m = { .format = TM_METRICS_OPEN };
	struct tm_protect_reports none = { 0 };

	tm_metrics_protect(&m, &none);
	assert_int_equal(m.len, 0);
	tm_metrics_protect(&m, &reports);
	assert_int_equal(tm_metrics_end(&m), 0);
	assert_has(m.text, "tcpmss_protect_info{protect=\"web\",mode=\"adaptive\",accelerator=\"tc\"} 1\n");
	assert_has(m.text, "tcpmss_protect_state{protect=\"all\",state=\"flooded\"} 1\n");
	assert_has(m.text, "tcpmss_protect_state{protect=\"all\",state=\"armed\"} 0\n");
	assert_has(m.text, "tcpmss_protect_half_open{protect=\"all\"} 6000000\n");
	assert_has(m.text, "tcpmss_protect_watermark{protect=\"web\",mark=\"low\"} 500\n");
	assert_has(m.text, "tcpmss_protect_armed_total{protect=\"all\"} 3\n");
	assert_has(m.text, "tcpmss_protect_servers{protect=\"web\"} 700\n");
	assert_has(m.text,
		   "tcpmss_protect_packets_total{protect=\"all\",family=\"ipv6\",reason=\"answered\"} 123456789012\n");
	assert_null(strstr(m.text, "10.0.2"));
	assert_null(strstr(m.text, "2001:db8"));
	free(m.text);
}

static void test_events(void **state)
{
	struct tm_protect_totals totals = { 0 };
	enum tm_protect_change change;
	struct tm_protect_report r = { .config = &config.protects[0] };
	struct tm_protect_control c;
	struct tm_event e;

	tm_protect_control_init(&c, &(struct tm_protect_settings){ TM_PROTECT_ADAPTIVE, 20, 5, 1, false });
	tm_protect_control_tick(&c, 1000, &totals);
	totals.opened = 21;
	change = tm_protect_control_tick(&c, 1200, &totals);
	tm_protect_control_event(&e, &c, change, 42, "web");
	assert_int_equal(e.kind, TM_EVENT_ARMED);
	assert_int_equal(e.time, 42);
	assert_string_equal(e.hook, "web");
	assert_int_equal(e.protect.half_open, 21);
	assert_int_equal(e.protect.high, 20);
	assert_int_equal(e.protect.low, 5);
	assert_true(tm_event_check(&e));
	tm_protect_control_tick(&c, 3200, &totals);
	tm_protect_report_control(&r, &c);
	assert_int_equal(r.state, TM_PROTECTION_ARMED);
	assert_int_equal(r.since, 2000);
	assert_int_equal(r.armed, 1);
	assert_int_equal(r.rates.opened, 21 / TM_PROTECT_RATE);
}

static void test_reasons(void **state)
{
	assert_string_equal(tm_protect_reason_name(PK_PROTECT_COOKIE_GOOD), "cookie-good");
	assert_string_equal(tm_protect_reason_name(PK_PROTECT_REASON_COUNT), "?");
	for (int i = PK_PROTECT_NONE + 1; i < PK_PROTECT_REASON_COUNT; i++)
		for (int k = PK_PROTECT_NONE; k < i; k++)
			assert_string_not_equal(tm_protect_reason_name(i), tm_protect_reason_name(k));
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_show),   cmocka_unit_test(test_short),   cmocka_unit_test(test_metrics),
	cmocka_unit_test(test_events), cmocka_unit_test(test_reasons),
};

TEST_MAIN(group, setup, teardown)
