/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events, what filters make of them, and what they look like as JSON.
 */
#include "test.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "core/refusal.h"
#include "lib/report/event-json.h"
#include "lib/report/stats.h"

static struct tm_event clamped(const char *src, unsigned sport, const char *dst, unsigned dport)
{
	struct tm_event e = { .time = 1795237921123456789ull, .kind = TM_EVENT_SYN, .hook = "wan", .device = "ppp0" };
	bool ipv6 = strchr(src, ':');

	e.syn = (struct tm_event_syn){ .family = ipv6 ? PK_IPV6 : PK_IPV4,
				       .direction = TM_OUT,
				       .reason = PK_CLAMPED,
				       .source = PK_FROM_DEVICE,
				       .sport = sport,
				       .dport = dport,
				       .from = 1460,
				       .to = 1452,
				       .limit = 1452 };
	assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, src, e.syn.src), 1);
	assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, dst, e.syn.dst), 1);
	return e;
}

/* A filter of words like "host=198.51.100.7 port=443"; NULL with no space left for an error. */
static int filter(struct tm_event_filter *f, const char *words)
{
	char copy[200], *save = NULL;
	struct tm_error e;
	int err = 0;

	*f = (struct tm_event_filter){ 0 };
	strcpy(copy, words);
	for (char *w = strtok_r(copy, " ", &save); w && !err; w = strtok_r(NULL, " ", &save)) {
		char *value = strchr(w, '=') + 1;

		if (!strncmp(w, "host", 4))
			err = tm_event_filter_host(f, value, &e);
		else if (!strncmp(w, "port", 4))
			err = tm_event_filter_port(f, value, &e);
		else if (!strncmp(w, "hook", 4))
			err = tm_event_filter_hook(f, value, &e);
		else
			err = tm_event_filter_reason(f, value, &e);
	}
	return err;
}

static void test_filter(void **state)
{
	static const struct {
		const char *filter;
		bool v4, v6;
	} cases[] = {
		{ "", true, true },
		{ "host=198.51.100.7", true, false },
		{ "host=203.0.113.9", true, false },
		{ "host=198.51.100.8", false, false },
		{ "host=198.51.100.0/24", true, false },
		{ "host=198.51.100.0/29", true, false },
		{ "host=198.51.100.0/30", false, false },
		{ "host=0.0.0.0/0", true, false },
		{ "host=2001:db8::7", false, true },
		{ "host=2001:db8::/32", false, true },
		{ "host=2001:db9::/32", false, false },
		{ "host=::/0", false, true },
		{ "port=443", true, true },
		{ "port=41234", true, false },
		{ "port=80", false, false },
		{ "host=203.0.113.9 port=443", true, false },
		{ "host=203.0.113.9 port=41234", false, false }, /* that is the port of the other end */
		{ "host=198.51.100.7 port=41234", true, false },
		{ "hook=wan", true, true },
		{ "hook=lan", false, false },
		{ "reason=clamped", true, true },
		{ "reason=within-limit", false, false },
		{ "reason=within-limit reason=clamped", true, true },
		{ "hook=wan host=198.51.100.7 port=41234 reason=clamped", true, false },
		{ "hook=lan host=198.51.100.7 port=41234 reason=clamped", false, false },
		{ "hook=wan host=198.51.100.7 port=41234 reason=signed", false, false },
	};
	struct tm_event v4 = clamped("198.51.100.7", 41234, "203.0.113.9", 443);
	struct tm_event v6 = clamped("2001:db8::7", 50000, "2001:db8:1::9", 443);
	struct tm_event_filter f;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(filter(&f, cases[i].filter), 0);
		if (tm_event_wanted(&f, &v4) != cases[i].v4 || tm_event_wanted(&f, &v6) != cases[i].v6)
			fail_msg("filter '%s'", cases[i].filter);
	}
}

static void test_also(void **state)
{
	struct tm_event e = clamped("198.51.100.7", 1, "203.0.113.9", 2);
	struct tm_event_filter f;

	e.syn.also = 1u << PK_CHECKSUM_PARTIAL;
	assert_int_equal(filter(&f, "reason=checksum-partial"), 0);
	assert_true(tm_event_wanted(&f, &e));
	assert_int_equal(tm_event_filter_reasons(&f), 1u << PK_CHECKSUM_PARTIAL);
	assert_int_equal(filter(&f, "reason=malformed-options"), 0);
	assert_false(tm_event_wanted(&f, &e));
	assert_int_equal(filter(&f, "port=1"), 0);
	assert_int_equal(tm_event_filter_reasons(&f), TM_EVENT_REASONS);
}

static void test_notices(void **state)
{
	struct tm_event attached, error, reload;
	struct tm_event_filter f;

	tm_event_notice(&attached, TM_EVENT_ATTACHED, 1, "wan", "ppp0", NULL);
	tm_event_notice(&error, TM_EVENT_ERROR, 1, NULL, NULL, "something broke");
	tm_event_notice(&reload, TM_EVENT_RELOAD, 1, NULL, NULL, "tcpmss.conf");
	assert_int_equal(filter(&f, "hook=wan"), 0);
	assert_true(tm_event_wanted(&f, &attached) && tm_event_wanted(&f, &error) && tm_event_wanted(&f, &reload));
	assert_int_equal(filter(&f, "hook=lan"), 0);
	assert_true(!tm_event_wanted(&f, &attached) && tm_event_wanted(&f, &error));
	assert_int_equal(filter(&f, "port=80"), 0);
	assert_true(!tm_event_wanted(&f, &attached) && !tm_event_wanted(&f, &reload) && tm_event_wanted(&f, &error));
}

static void test_bad_filters(void **state)
{
	static const char *const bad[] = {
		"host=",
		"host=198.51.100",
		"host=198.51.100.7/33",
		"host=198.51.100.7/",
		"host=2001:db8::/129",
		"host=host.example",
		"host=1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee:ffff",
		"port=0",
		"port=65536",
		"port=-1",
		"port=http",
		"hook=",
		"hook=../x",
		"hook=012345678901234567890123456789012",
		"reason=",
		"reason=?",
		"reason=not-syn",
		"reason=not-ip",
		"reason=Clamped",
	};
	struct tm_event_filter f;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (filter(&f, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
}

/* What a filter is as JSON is the same filter again. */
static void test_filter_json(void **state)
{
	static const char *const filters[] = { "",
					       "host=198.51.100.0/24 port=443 hook=wan reason=clamped reason=raised",
					       "host=2001:db8::/32", "host=0.0.0.0/0", "reason=unwritable" };
	static const char *const bad[] = {
		"{\"host\": 1}",
		"{\"port\": \"80\"}",
		"{\"port\": 0}",
		"{\"port\": 4294967376}",
		"{\"hook\": []}",
		"{\"reasons\": \"clamped\"}",
		"{\"reasons\": [1]}",
		"{\"reasons\": [\"clamped\", \"not-ip\"]}",
		"{\"host\": \"1.2.3.4/40\"}",
	};
	struct tm_event_filter f, again;
	struct tm_error e;

	for (unsigned i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		json_t *json;

		assert_int_equal(filter(&f, filters[i]), 0);
		json = tm_event_filter_json(&f);
		assert_int_equal(tm_event_filter_read(&again, json, &e), 0);
		assert_memory_equal(&f, &again, sizeof(f));
		json_decref(json);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		json_t *json = json_loads(bad[i], 0, NULL);

		assert_non_null(json);
		if (tm_event_filter_read(&again, json, &e) != -EINVAL)
			fail_msg("%s was taken", bad[i]);
		json_decref(json);
	}
}

static void assert_json(const struct tm_event *e, const char *wanted)
{
	json_t *json = tm_event_json(e);
	char *text = json_dumps(json, JSON_COMPACT);

	assert_string_equal(text, wanted);
	free(text);
	json_decref(json);
}

static void test_json(void **state)
{
	struct tm_event e = clamped("198.51.100.7", 41234, "203.0.113.9", 443);

	assert_json(&e,
		    "{\"schema_version\":1,\"time\":\"2026-11-21T05:12:01.123456Z\",\"event\":\"syn\",\"hook\":\"wan\","
		    "\"device\":\"ppp0\",\"direction\":\"out\",\"family\":\"ipv4\",\"reason\":\"clamped\",\"also\":[],"
		    "\"from\":1460,\"to\":1452,\"limit\":1452,\"source\":\"auto\",\"rule\":\"MTU of ppp0\","
		    "\"src\":\"198.51.100.7\",\"sport\":41234,\"dst\":\"203.0.113.9\",\"dport\":443}");
	e = clamped("2001:db8::7", 1, "2001:db8::9", 2);
	e.syn.reason = PK_NO_MSS_OPTION;
	e.syn.from = e.syn.to = 0;
	e.syn.source = PK_FROM_PREFIX_DST;
	e.syn.also = 1u << PK_MALFORMED_OPTIONS;
	e.syn.prefix = (struct tm_prefix){ .addr = { 0x20, 0x01, 0x0d, 0xb8 }, .len = 32, .ipv6 = true, .mtu = 1400 };
	assert_json(
		&e,
		"{\"schema_version\":1,\"time\":\"2026-11-21T05:12:01.123456Z\",\"event\":\"syn\",\"hook\":\"wan\","
		"\"device\":\"ppp0\",\"direction\":\"out\",\"family\":\"ipv6\",\"reason\":\"no-mss-option\","
		"\"also\":[\"malformed-options\"],\"from\":null,\"to\":null,\"limit\":1452,\"source\":\"prefix\","
		"\"rule\":\"prefix 2001:db8::/32\",\"src\":\"2001:db8::7\",\"sport\":1,\"dst\":\"2001:db8::9\",\"dport\":2}");
	tm_event_notice(&e, TM_EVENT_ERROR, 0, "wan", NULL, "no such device");
	assert_json(
		&e,
		"{\"schema_version\":1,\"time\":\"1970-01-01T00:00:00.000000Z\",\"event\":\"error\",\"hook\":\"wan\","
		"\"text\":\"no such device\"}");
	e = (struct tm_event){ .kind = TM_EVENT_LEFT_OUT, .left_out = { 1, 2, 3 } };
	assert_json(
		&e,
		"{\"schema_version\":1,\"time\":\"1970-01-01T00:00:00.000000Z\",\"event\":\"left-out\",\"kernel\":1,"
		"\"daemon\":2,\"rate\":3}");
}

/* As the C library has it. */
/* A learned path is named by the end of the packet that it leads to. */
static void test_learned_rule(void **state)
{
	struct tm_event e = clamped("198.51.100.7", 443, "2.0.0.2", 41234);
	json_t *o;

	e.syn.source = PK_FROM_LEARNED_SRC;
	o = tm_event_json(&e);
	assert_string_equal(json_string_value(json_object_get(o, "rule")), "learned path to 198.51.100.7");
	json_decref(o);
	e.syn.source = PK_FROM_LEARNED_DST;
	o = tm_event_json(&e);
	assert_string_equal(json_string_value(json_object_get(o, "rule")), "learned path to 2.0.0.2");
	json_decref(o);
}

static void test_time(void **state)
{
	for (unsigned i = 0; i < 100000; i++) {
		time_t seconds = i ? (time_t)(((uint64_t)test_random() << 2 | test_below(4)) % 16000000000ull) : 951782400;
		struct tm_event e = { .kind = TM_EVENT_ERROR, .time = (uint64_t)seconds * 1000000000 + 999999 };
		json_t *json = tm_event_json(&e);
		char wanted[40];
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S.000999Z", &tm);
		assert_string_equal(json_string_value(json_object_get(json, "time")), wanted);
		json_decref(json);
	}
}

static void test_check(void **state)
{
	struct tm_event good = clamped("198.51.100.7", 1, "203.0.113.9", 2), e;

	assert_true(tm_event_check(&good));
	for (unsigned i = 0; i < 100000; i++) {
		e = good;
		for (unsigned n = test_below(8) + 1; n; n--)
			((uint8_t *)&e)[test_below(sizeof(e))] = test_random();
		if (tm_event_check(&e)) { /* nothing that is taken breaks the writer: run with sanitizers */
			json_t *json = tm_event_json(&e);

			json_decref(json);
		}
	}
	e = good;
	memset(e.hook, 'x', sizeof(e.hook));
	assert_false(tm_event_check(&e));
	e = good;
	e.syn.prefix.len = 33;
	assert_false(tm_event_check(&e));
	e = good;
	memset(&e.syn.prefix.ipv6, 2, 1);
	assert_false(tm_event_check(&e));
	e = good;
	e.syn.reason = PK_NOT_SYN;
	assert_false(tm_event_check(&e));
	tm_event_notice(&e, TM_EVENT_ERROR, 0, NULL, NULL, "x");
	assert_true(tm_event_check(&e));
	memset(e.text, 'x', sizeof(e.text));
	assert_false(tm_event_check(&e));
	e.kind = TM_EVENT_KINDS;
	assert_false(tm_event_check(&e));
}

/* Reasons of packets that are no SYN, and only these, make no events. */
static void test_paths(void **state)
{
	struct tm_event e = { .kind = TM_EVENT_LEARNED, .device = "wan0" };
	struct tm_event_filter f = { 0 };
	struct tm_error error;
	json_t *o;

	e.path = (struct tm_event_path){ .family = PK_IPV4, .from = 0, .to = 1400, .address = { 198, 51, 100, 7 }, .reporter = { 192, 0, 2, 1 } };
	assert_true(tm_event_check(&e));
	o = tm_event_json(&e);
	assert_string_equal(json_string_value(json_object_get(o, "event")), "learned");
	assert_string_equal(json_string_value(json_object_get(o, "destination")), "198.51.100.7");
	assert_string_equal(json_string_value(json_object_get(o, "reporter")), "192.0.2.1");
	assert_int_equal(json_integer_value(json_object_get(o, "mss")), 1360);
	assert_true(json_is_null(json_object_get(o, "from")));
	assert_true(json_is_true(json_object_get(o, "df")));
	json_decref(o);

	assert_true(tm_event_wanted(&f, &e));
	assert_int_equal(tm_event_filter_host(&f, "198.51.100.0/24", &error), 0);
	assert_true(tm_event_wanted(&f, &e));
	assert_int_equal(tm_event_filter_host(&f, "192.0.2.1", &error), 0);
	assert_true(tm_event_wanted(&f, &e));
	assert_int_equal(tm_event_filter_host(&f, "192.0.2.2", &error), 0);
	assert_false(tm_event_wanted(&f, &e));
	f = (struct tm_event_filter){ .port = 443 };
	assert_false(tm_event_wanted(&f, &e));

	e.path.refusal = PK_REFUSED_BAD_CHECKSUM;
	assert_false(tm_event_check(&e));
	e.kind = TM_EVENT_REFUSED;
	assert_true(tm_event_check(&e));
	o = tm_event_json(&e);
	assert_string_equal(json_string_value(json_object_get(o, "reason")), "bad-checksum");
	json_decref(o);
	e.path.refusal = PK_REFUSAL_COUNT;
	assert_false(tm_event_check(&e));
	e.path.refusal = PK_NOT_REFUSED;
	assert_false(tm_event_check(&e));
	e.path = (struct tm_event_path){ .family = PK_IPV4, .nodf = 2, .refusal = 1 };
	assert_false(tm_event_check(&e));
	e.path = (struct tm_event_path){ .family = PK_NO_FAMILY, .refusal = 1 };
	assert_false(tm_event_check(&e));
}

static void test_protect(void **state)
{
	struct tm_event e = { .kind = TM_EVENT_ARMED, .hook = "web" };
	struct tm_event_filter f = { 0 };
	json_t *o;

	e.protect = (struct tm_event_protect){ .half_open = UINT64_MAX, .high = 2000, .low = 500, .answered = 7 };
	assert_true(tm_event_check(&e));
	o = tm_event_json(&e);
	assert_string_equal(json_string_value(json_object_get(o, "event")), "armed");
	assert_string_equal(json_string_value(json_object_get(o, "protect")), "web");
	assert_null(json_object_get(o, "hook"));
	assert_true(json_integer_value(json_object_get(o, "half_open")) > 0);
	assert_int_equal(json_integer_value(json_object_get(o, "high")), 2000);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "rates"), "answered")), 7);
	json_decref(o);
	assert_true(tm_event_wanted(&f, &e));
	strcpy(f.hook, "web");
	assert_true(tm_event_wanted(&f, &e));
	strcpy(f.hook, "wan");
	assert_false(tm_event_wanted(&f, &e));
	f = (struct tm_event_filter){ .port = 443 };
	assert_false(tm_event_wanted(&f, &e));
	tm_event_notice(&e, TM_EVENT_DRAINED, 0, "web", NULL, "no text in these");
	assert_int_equal(e.protect.half_open, 0);
	assert_true(tm_event_check(&e));
}

static void test_reasons(void **state)
{
	const char *without[] = { "not-syn", "not-tcp", "not-ip", "extension-header" };
	uint32_t all = (1u << PK_REASON_COUNT) - 2;

	for (unsigned i = 0; i < sizeof(without) / sizeof(*without); i++)
		all &= ~(1u << tm_reason_find(without[i]));
	assert_int_equal(all, TM_EVENT_REASONS);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_filter),	    cmocka_unit_test(test_also),	cmocka_unit_test(test_notices),
	cmocka_unit_test(test_bad_filters), cmocka_unit_test(test_filter_json), cmocka_unit_test(test_json),
	cmocka_unit_test(test_time),	    cmocka_unit_test(test_learned_rule),
	cmocka_unit_test(test_check),	    cmocka_unit_test(test_reasons),	cmocka_unit_test(test_paths),
	cmocka_unit_test(test_protect),
};

TEST_MAIN(group, NULL, NULL)
