/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is told of hooks: the JSON documents and the metrics, empty, with odd names, and of many hooks.
 */
#include "test.h"

#include <string.h>

#include "lib/report/metrics-hooks.h"
#include "lib/report/report-json.h"

static struct tm_hook_report *add(struct tm_hook_reports *reports, const char *name, const char *device)
{
	struct tm_hook_report *r = tm_hook_reports_add(reports);

	assert_non_null(r);
	strcpy(r->name, name);
	strcpy(r->device, device);
	r->known = r->alive = true;
	r->directions = 1 << TM_IN | 1 << TM_OUT;
	return r;
}

static char *metrics(const struct tm_hook_reports *reports, enum tm_metrics_format format)
{
	struct tm_metrics m = { .format = format };

	tm_metrics_build(&m);
	tm_metrics_hooks(&m, reports);
	assert_int_equal(tm_metrics_end(&m), 0);
	assert_int_equal(strlen(m.text), m.len);
	return m.text;
}

static json_t *only_hook(json_t *document)
{
	assert_non_null(document);
	assert_int_equal(json_integer_value(json_object_get(document, "schema_version")), 1);
	assert_int_equal(json_array_size(json_object_get(document, "hooks")), 1);
	return json_array_get(json_object_get(document, "hooks"), 0);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void test_empty(void **state)
{
	struct tm_hook_reports none = { 0 };
	struct tm_hook_explanations nothing = { 0 };
	json_t *document = tm_show_json(&none);
	char *text;

	assert_int_equal(json_array_size(json_object_get(document, "hooks")), 0);
	assert_true(json_is_array(json_object_get(document, "hooks")));
	json_decref(document);
	document = tm_explain_json("192.0.2.1", false, &nothing);
	assert_string_equal(json_string_value(json_object_get(document, "family")), "ipv4");
	json_decref(document);
	text = metrics(&none, TM_METRICS_OPEN);
	assert_has(text, "# TYPE tcpmss_build info\n");
	assert_has(text, "tcpmss_build_info{version=\"" TM_VERSION "\"} 1\n");
	assert_string_equal(text + strlen(text) - 6, "# EOF\n");
	free(text);
	tm_hook_reports_sort(&none);
}

static void test_rules_of_a_hook(void **state)
{
	struct tm_ruleset set = { .hooks[0] = {
					  .mtu = 9000, .mss = 1460, .flags = PK_HOOK_AUTO | PK_HOOK_ADD_MISSING } };
	const struct tm_prefix prefix = { .addr = { 192, 0, 2 }, .len = 24, .mtu = 1000 };
	struct tm_hook_reports reports = { 0 };
	struct tm_hook_report *r = add(&reports, "wan", "ppp0");
	struct tm_image image;
	json_t *document, *hook, *limit;
	char *text;

	assert_int_equal(tm_ruleset_add(&set, &prefix), 0);
	assert_int_equal(tm_image_build(&image, &set), 0);
	tm_hook_report_limits(r, &image, 1492);
	tm_image_free(&image);
	tm_ruleset_free(&set);
	assert_int_equal(r->mss[PK_IPV4], 1452);
	assert_int_equal(r->mss[PK_IPV6], 1432);
	assert_int_equal(r->source, PK_FROM_DEVICE);
	assert_int_equal(r->warning_count, 1); /* 9000 is more than the device carries */

	document = tm_show_json(&reports);
	hook = only_hook(document);
	limit = json_object_get(hook, "limit");
	assert_int_equal(json_integer_value(json_object_get(limit, "mss4")), 1452);
	assert_int_equal(json_integer_value(json_object_get(limit, "mtu")), 9000);
	assert_int_equal(json_integer_value(json_object_get(limit, "prefixes")), 1);
	assert_true(json_is_true(json_object_get(limit, "add_missing")));
	assert_true(json_is_false(json_object_get(limit, "allow_increase")));
	assert_string_equal(json_string_value(json_object_get(limit, "source")), "auto");
	assert_int_equal(json_array_size(json_object_get(hook, "warnings")), 1);
	assert_null(json_object_get(hook, "out"));
	assert_null(json_object_get(hook, "queue"));
	json_decref(document);

	text = metrics(&reports, TM_METRICS_OPEN);
	assert_has(text, "tcpmss_hook_mss_limit_bytes{hook=\"wan\",device=\"ppp0\",family=\"ipv4\"} 1452\n");
	assert_has(text, "tcpmss_hook_mss_limit_bytes{hook=\"wan\",device=\"ppp0\",family=\"ipv6\"} 1432\n");
	assert_has(text, "tcpmss_hook_device_mtu_bytes{hook=\"wan\",device=\"ppp0\"} 1492\n");
	assert_has(text, "tcpmss_hook_info{hook=\"wan\",device=\"ppp0\",mode=\"tc\",source=\"auto\"} 1\n");
	assert_has(text, "tcpmss_hook_warnings{hook=\"wan\",device=\"ppp0\"} 1\n");
	free(text);
	tm_hook_reports_free(&reports);
}

static void test_counters(void **state)
{
	struct tm_hook_reports reports = { 0 };
	struct tm_hook_report *r = add(&reports, "w", "eth0");
	json_t *document, *hook, *value;
	char *text;

	r->mode = TM_MODE_WIRE;
	strcpy(r->out, "eth1");
	r->counters.by[TM_OUT][PK_IPV6].packets = UINT64_MAX >> 1; /* beyond what a double can tell apart */
	r->counters.by[TM_OUT][PK_IPV6].reasons[PK_CLAMPED] = 7;
	r->counters.total = r->counters.by[TM_OUT][PK_IPV6];

	document = tm_show_json(&reports);
	hook = only_hook(document);
	assert_string_equal(json_string_value(json_object_get(hook, "out")), "eth1");
	assert_string_equal(json_string_value(json_object_get(hook, "mode")), "wire");
	assert_int_equal(json_unpack(hook, "{s:{s:{s:{s:{s:o}}}}}", "counters", "directions", "out", "ipv6", "packets",
				     &value),
			 0);
	assert_true(json_integer_value(value) == INT64_MAX);
	json_decref(document);

	text = metrics(&reports, TM_METRICS_OPEN);
	assert_has(
		text,
		"tcpmss_hook_packets_total{hook=\"w\",device=\"eth1\",direction=\"out\",family=\"ipv6\"} 9223372036854775807\n");
	assert_has(text, "tcpmss_hook_packets_total{hook=\"w\",device=\"eth0\",direction=\"in\",family=\"ipv6\"} 0\n");
	assert_has(text, "direction=\"out\",family=\"ipv6\",reason=\"clamped\"} 7\n");
	assert_has(text, "# TYPE tcpmss_hook_packets counter\n");
	assert_has(text, "# UNIT tcpmss_hook_seen_bytes bytes\n");
	free(text);

	r->directions = 1 << TM_OUT;
	text = metrics(&reports, TM_METRICS_PLAIN);
	assert_has(text, "# TYPE tcpmss_hook_packets_total counter\n");
	assert_has(text, "# TYPE tcpmss_build_info gauge\n");
	assert_null(strstr(text, "UNIT"));
	assert_null(strstr(text, "EOF"));
	assert_null(strstr(text, "direction=\"in\""));
	free(text);
	tm_hook_reports_free(&reports);
}

static void test_odd_names(void **state)
{
	/* what the kernel takes as a device's name: quotes, backslashes, what is not UTF-8 */
	static const struct {
		const char *device, *escaped;
	} names[] = {
		{ "a\"b\\c", "a\\\"b\\\\c" },
		{ "a\nb", "a\\nb" },
		{ "\xc3\xa9", "\xc3\xa9" },
		{ "a\xff"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* a surrogate */
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xc0\x80x", "\xef\xbf\xbd\xef\xbf\xbdx" },
		{ "cut\xe2\x82", "cut\xef\xbf\xbd\xef\xbf\xbd" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct tm_hook_reports reports = { 0 };
		char wanted[128], *text;
		json_t *document;

		add(&reports, "h", names[i].device);
		text = metrics(&reports, TM_METRICS_OPEN);
		snprintf(wanted, sizeof(wanted), "tcpmss_hook_up{hook=\"h\",device=\"%s\"} 1\n", names[i].escaped);
		assert_has(text, wanted);
		document = tm_show_json(&reports);
		assert_non_null(json_string_value(json_object_get(only_hook(document), "device")));
		json_decref(document);
		free(text);
		tm_hook_reports_free(&reports);
	}
}

static void test_what_cannot_be_read(void **state)
{
	struct tm_hook_reports reports = { 0 };
	struct tm_hook_report *r = tm_hook_reports_add(&reports);
	json_t *document, *hook;
	char *text;

	strcpy(r->name, "broken");
	for (unsigned i = 0; i < 2 * TM_WARNINGS; i++)
		tm_hook_report_warn(r, "%0300u", i);
	assert_int_equal(r->warning_count, TM_WARNINGS);
	document = tm_show_json(&reports);
	hook = only_hook(document);
	assert_null(json_object_get(hook, "device"));
	assert_true(json_is_false(json_object_get(hook, "alive")));
	assert_int_equal(json_array_size(json_object_get(hook, "warnings")), TM_WARNINGS);
	json_decref(document);
	text = metrics(&reports, TM_METRICS_OPEN);
	assert_has(text, "tcpmss_hook_up{hook=\"broken\",device=\"\"} 0\n");
	assert_null(strstr(text, "_total{"));
	free(text);
	tm_hook_reports_free(&reports);
}

static void test_many(void **state)
{
	struct tm_hook_reports reports = { 0 };
	char name[TM_HOOK_NAME], *text;
	json_t *document;
	size_t count = 0;

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "hook%03u", 999 - i);
		add(&reports, name, "eth0");
	}
	tm_hook_reports_sort(&reports);
	assert_string_equal(reports.list[0].name, "hook000");
	assert_string_equal(reports.list[999].name, "hook999");
	document = tm_show_json(&reports);
	assert_int_equal(json_array_size(json_object_get(document, "hooks")), 1000);
	json_decref(document);
	text = metrics(&reports, TM_METRICS_OPEN);
	for (const char *at = text; (at = strstr(at, "tcpmss_hook_up{")); at++)
		count++;
	assert_int_equal(count, 1000);
	free(text);
	tm_hook_reports_free(&reports);
}

static void test_explanations(void **state)
{
	struct tm_hook_explanations list = { 0 };
	struct tm_hook_explanation *x = tm_hook_explanations_add(&list);
	json_t *document, *hook, *first;

	strcpy(x->name, "wan");
	strcpy(x->device, "ppp0");
	x->limits = (struct tm_explanation){ .count = 2,
					     .chosen = 1,
					     .candidates = { { .source = PK_FROM_DEVICE, .mtu = 1500, .mss = 1440 },
							     { .source = PK_FROM_ROUTE, .mtu = 1400, .mss = 1340 } } };
	document = tm_explain_json("2001:db8::1", true, &list);
	hook = only_hook(document);
	assert_int_equal(json_integer_value(json_object_get(hook, "mss")), 1340);
	assert_string_equal(json_string_value(json_object_get(hook, "source")), "route");
	first = json_array_get(json_object_get(hook, "candidates"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "detail")), "the MTU of ppp0");
	json_decref(document);
	x->limits = (struct tm_explanation){ .chosen = -1 };
	document = tm_explain_json("2001:db8::1", true, &list);
	hook = only_hook(document);
	assert_true(json_is_null(json_object_get(hook, "mss")));
	assert_string_equal(json_string_value(json_object_get(hook, "source")), "none");
	json_decref(document);
	tm_hook_explanations_free(&list);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_empty),
	cmocka_unit_test(test_rules_of_a_hook),
	cmocka_unit_test(test_counters),
	cmocka_unit_test(test_odd_names),
	cmocka_unit_test(test_what_cannot_be_read),
	cmocka_unit_test(test_many),
	cmocka_unit_test(test_explanations),
};

TEST_MAIN(group, NULL, NULL)
