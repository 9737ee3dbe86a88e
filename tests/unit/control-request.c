/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client of the control socket may ask, and what is told of the rest.
 */
#include "test.h"

#include <arpa/inet.h>
#include <string.h>

#include "daemon/front/control-request.h"
#include "lib/pmtu/pmtu.h"

static struct control_request taken(const char *line)
{
	struct control_request r;
	struct tm_error e;

	if (control_request_parse(&r, line, strlen(line), &e))
		fail_msg("%s: refused: %s", line, e.text);
	return r;
}

static void refused(const char *line, size_t len, const char *told)
{
	struct control_request r;
	struct tm_error e = { "" };

	if (!control_request_parse(&r, line, len, &e))
		fail_msg("%s: taken", line);
	if (!strstr(e.text, told))
		fail_msg("%s: '%s' instead of '%s'", line, e.text, told);
	assert_null(r.watch);
}

static void test_taken(void **state)
{
	struct control_request r = taken("{\"verb\":\"hello\"}");

	assert_int_equal(r.ask.verb, CHANNEL_HELLO);
	assert_false(r.changes);
	assert_int_equal(taken(" { \"verb\" : \"show\" }\r").ask.verb, CHANNEL_SHOW);

	r = taken("{\"verb\":\"stats\",\"hook\":\"a-b.c:1@+_234567890123456789012\"}");
	assert_string_equal(r.ask.hook, "a-b.c:1@+_234567890123456789012");
	assert_int_equal(r.ask.what, 0);
	assert_false(r.changes);
	r = taken("{\"hook\":\"w\",\"what\":\"clear\",\"verb\":\"stats\"}");
	assert_int_equal(r.ask.what, 1);
	assert_true(r.changes);
	assert_true(taken("{\"verb\":\"stats\",\"hook\":\"w\",\"what\":\"getclear\"}").changes);
	assert_false(taken("{\"verb\":\"stats\",\"hook\":\"w\",\"what\":\"get\"}").changes);

	r = taken("{\"verb\":\"explain\",\"address\":\"192.0.2.1\"}");
	assert_false(r.ask.ipv6);
	assert_memory_equal(r.ask.address, "\xc0\0\2\1", 4);
	assert_true(taken("{\"verb\":\"explain\",\"address\":\"::\"}").ask.ipv6);
}

static void test_changes(void **state)
{
	struct control_request r = taken("{\"verb\":\"reload\"}");

	assert_true(r.changes);
	assert_int_equal(r.ask.confirm, 0);
	assert_int_equal(taken("{\"verb\":\"reload\",\"confirm\":1}").ask.confirm, 1);
	assert_int_equal(taken("{\"verb\":\"reload\",\"confirm\":86400}").ask.confirm, CHANNEL_CONFIRM_MAX);
	assert_true(taken("{\"verb\":\"confirm\"}").changes);
	assert_true(taken("{\"verb\":\"undo\"}").changes);
}

static void test_pmtu(void **state)
{
	struct control_request r = taken("{\"verb\":\"pmtu-show\"}");

	assert_int_equal(r.ask.verb, CHANNEL_PMTU_SHOW);
	assert_false(r.changes);
	assert_int_equal(r.ask.what, 0);
	r = taken("{\"verb\":\"pmtu-show\",\"destination\":\"2001:db8::/33\",\"device\":\"ppp0\",\"cursor\":4294967295,"
		  "\"states\":[\"static\",\"reduced\"]}");
	assert_true(r.ask.ipv6);
	assert_int_equal(r.ask.what, 1);
	assert_int_equal(r.ask.bits, 33);
	assert_string_equal(r.ask.device, "ppp0");
	assert_true(r.ask.cursor == 4294967295);
	assert_int_equal(r.ask.states, 1 << TM_PMTU_STATIC | 1 << TM_PMTU_REDUCED);
	assert_int_equal(taken("{\"verb\":\"pmtu-show\",\"destination\":\"10.0.0.1\"}").ask.bits, 32);

	r = taken("{\"verb\":\"pmtu-set\",\"address\":\"10.0.0.1\",\"mtu\":1400}");
	assert_true(r.changes);
	assert_int_equal(r.ask.mtu, 1400);
	assert_true(taken("{\"verb\":\"pmtu-delete\",\"address\":\"::1\",\"device\":\"a\"}").changes);
	assert_true(taken("{\"verb\":\"pmtu-flush\"}").changes);
}

static void test_bad_pmtu(void **state)
{
	static const char *const bad[][2] = {
		{ "{\"verb\":\"pmtu-show\",\"destination\":\"10.0.0.0/33\"}", "\"destination\" is not" },
		{ "{\"verb\":\"pmtu-show\",\"destination\":1}", "\"destination\" is not" },
		{ "{\"verb\":\"pmtu-show\",\"device\":\"a/b\"}", "\"device\" is not" },
		{ "{\"verb\":\"pmtu-show\",\"device\":\"1234567890123456\"}", "\"device\" is not" },
		{ "{\"verb\":\"pmtu-show\",\"device\":\"a\\u0000b\"}", "" },
		{ "{\"verb\":\"pmtu-show\",\"states\":[]}", "\"states\" is not" },
		{ "{\"verb\":\"pmtu-show\",\"states\":[\"none\"]}", "\"states\" has something" },
		{ "{\"verb\":\"pmtu-show\",\"states\":[1]}", "\"states\" has something" },
		{ "{\"verb\":\"pmtu-show\",\"cursor\":-1}", "\"cursor\" is not" },
		{ "{\"verb\":\"pmtu-show\",\"mtu\":1400}", "does not have all of these" },
		{ "{\"verb\":\"pmtu-set\",\"address\":\"10.0.0.1\"}", "\"mtu\" is missing" },
		{ "{\"verb\":\"pmtu-set\",\"mtu\":1400}", "\"address\" is missing" },
		{ "{\"verb\":\"pmtu-set\",\"address\":\"10.0.0.1\",\"mtu\":71}", "\"mtu\" is not" },
		{ "{\"verb\":\"pmtu-set\",\"address\":\"10.0.0.1\",\"mtu\":65536}", "\"mtu\" is not" },
		{ "{\"verb\":\"pmtu-delete\"}", "\"address\" is missing" },
		{ "{\"verb\":\"pmtu-flush\",\"address\":\"10.0.0.1\"}", "does not have all of these" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused(bad[i][0], strlen(bad[i][0]), bad[i][1]);
}

static void test_protect(void **state)
{
	struct control_request r = taken("{\"verb\":\"protect-show\"}");

	assert_int_equal(r.ask.verb, CHANNEL_PROTECT_SHOW);
	assert_false(r.changes);
	r = taken("{\"verb\":\"protect-add\"}");
	assert_int_equal(r.ask.verb, CHANNEL_PROTECT_ADD);
	assert_true(r.changes);
	r = taken("{\"verb\":\"protect-remove\",\"name\":\"web\"}");
	assert_int_equal(r.ask.verb, CHANNEL_PROTECT_REMOVE);
	assert_string_equal(r.ask.hook, "web");
	assert_int_equal(r.ask.what, 0);
	assert_true(r.changes);
	r = taken("{\"verb\":\"protect-remove\",\"all\":true}");
	assert_int_equal(r.ask.what, 1);
	assert_true(r.changes);
}

static void test_bad_protect(void **state)
{
	static const char *const bad[][2] = {
		{ "{\"verb\":\"protect-show\",\"name\":\"web\"}", "does not have all of these" },
		{ "{\"verb\":\"protect-add\",\"name\":\"web\"}", "does not have all of these" },
		{ "{\"verb\":\"protect-remove\"}", "either \"name\" or \"all\"" },
		{ "{\"verb\":\"protect-remove\",\"all\":false}", "either \"name\" or \"all\"" },
		{ "{\"verb\":\"protect-remove\",\"all\":1}", "\"all\" is not" },
		{ "{\"verb\":\"protect-remove\",\"all\":true,\"name\":\"web\"}", "either \"name\" or \"all\"" },
		{ "{\"verb\":\"protect-remove\",\"name\":\"a/b\"}", "\"name\" is not" },
		{ "{\"verb\":\"protect-remove\",\"name\":7}", "\"name\" is not" },
		{ "{\"verb\":\"protect-remove\",\"hook\":\"web\"}", "does not have all of these" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused(bad[i][0], strlen(bad[i][0]), bad[i][1]);
}

/* Its members are lib/report/event-filter.h's. */
static void test_watch(void **state)
{
	struct control_request r = taken("{\"verb\":\"watch\",\"port\":443}");

	assert_int_equal(r.ask.verb, CHANNEL_WATCH);
	assert_false(r.changes);
	assert_int_equal(json_integer_value(json_object_get(r.watch, "port")), 443);
	json_decref(r.watch);
}

static const struct {
	const char *line, *told;
} wrong[] = {
	/* no request */
	{ "", "one JSON object" },
	{ "null", "one JSON object" },
	{ "[]", "one JSON object" },
	{ "\"show\"", "one JSON object" },
	{ "{\"verb\":\"show\"", "one JSON object" },
	{ "{\"verb\":\"show\"}{\"verb\":\"show\"}", "one JSON object" },
	{ "{\"verb\":\"show\",\"verb\":\"show\"}", "one JSON object" },
	{ "{\"verb\":\"\xff\"}", "one JSON object" },
	/* verb */
	{ "{}", "\"verb\" is not one of" },
	{ "{\"verb\":1}", "\"verb\" is not one of" },
	{ "{\"verb\":null}", "\"verb\" is not one of" },
	{ "{\"verb\":\"\"}", "\"verb\" is not one of" },
	{ "{\"verb\":\"Show\"}", "\"verb\" is not one of" },
	{ "{\"verb\":\"metrics\"}", "\"verb\" is not one of" },
	{ "{\"verb\":\"sh\\u0000ow\"}", "one JSON object" },
	/* members that others have */
	{ "{\"verb\":\"show\",\"hook\":\"wan\"}", "\"show\" does not have all" },
	{ "{\"verb\":\"hello\",\"x\":1}", "\"hello\" does not have all" },
	{ "{\"verb\":\"confirm\",\"confirm\":1}", "\"confirm\" does not have all" },
	{ "{\"verb\":\"explain\",\"address\":\"::\",\"what\":\"get\"}", "\"explain\" does not have all" },
	/* hook */
	{ "{\"verb\":\"stats\"}", "\"hook\" is missing" },
	{ "{\"verb\":\"stats\",\"what\":\"get\"}", "\"hook\" is missing" },
	{ "{\"verb\":\"stats\",\"hook\":7}", "\"hook\" is not the name" },
	{ "{\"verb\":\"stats\",\"hook\":\"\"}", "\"hook\" is not the name" },
	{ "{\"verb\":\"stats\",\"hook\":\"../wan\"}", "\"hook\" is not the name" },
	{ "{\"verb\":\"stats\",\"hook\":\"a/b\"}", "\"hook\" is not the name" },
	{ "{\"verb\":\"stats\",\"hook\":\"a2345678901234567890123456789012\"}", "\"hook\" is not the name" },
	/* what */
	{ "{\"verb\":\"stats\",\"hook\":\"a\",\"what\":\"drop\"}", "\"what\" is not" },
	{ "{\"verb\":\"stats\",\"hook\":\"a\",\"what\":\"\"}", "\"what\" is not" },
	{ "{\"verb\":\"stats\",\"hook\":\"a\",\"what\":[\"get\"]}", "\"what\" is not" },
	/* address */
	{ "{\"verb\":\"explain\"}", "\"address\" is missing" },
	{ "{\"verb\":\"explain\",\"address\":1}", "\"address\" is not" },
	{ "{\"verb\":\"explain\",\"address\":\"1.2.3\"}", "\"address\" is not" },
	{ "{\"verb\":\"explain\",\"address\":\"::/0\"}", "\"address\" is not" },
	/* confirm */
	{ "{\"verb\":\"reload\",\"confirm\":0}", "\"confirm\" is not" },
	{ "{\"verb\":\"reload\",\"confirm\":-1}", "\"confirm\" is not" },
	{ "{\"verb\":\"reload\",\"confirm\":86401}", "\"confirm\" is not" },
	{ "{\"verb\":\"reload\",\"confirm\":60.0}", "\"confirm\" is not" },
	{ "{\"verb\":\"reload\",\"confirm\":\"60\"}", "\"confirm\" is not" },
	{ "{\"verb\":\"reload\",\"confirm\":null}", "\"confirm\" is not" },
	{ "{\"verb\":\"reload\",\"confirm\":99999999999999999999}", "one JSON object" },
};

static void test_wrong(void **state)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		refused(wrong[i].line, strlen(wrong[i].line), wrong[i].told);
	refused("{\"verb\":\"show\"}\0", 16, "one JSON object");
}

/* Blanks around a request, up to the last byte that a line may have. */
static void test_long(void **state)
{
	static char line[CONTROL_LINE];
	const char request[] = "{\"verb\":\"show\"}";
	struct control_request r;
	struct tm_error e;

	memset(line, ' ', sizeof(line));
	memcpy(line, request, strlen(request));
	assert_int_equal(control_request_parse(&r, line, CONTROL_LINE - 1, &e), 0);
	refused(line, CONTROL_LINE, "at most 4095 bytes and 8 levels");
}

/* Brackets count everywhere: jansson goes down with each. */
static void test_deep(void **state)
{
	char line[200];

	for (int depth = 1; depth < 60; depth++) {
		const char *told = depth < CONTROL_DEPTH ? "does not have all" : "8 levels";
		int n = sprintf(line, "{\"verb\":\"show\",\"x\":");

		memset(line + n, '[', (size_t)depth);
		memset(line + n + depth, ']', (size_t)depth);
		strcpy(line + n + 2 * depth, "}");
		refused(line, strlen(line), told);
		refused(line, (size_t)(n + depth), depth < CONTROL_DEPTH ? "one JSON object" : "8 levels");
	}
	json_decref(taken("{\"verb\":\"watch\",\"x\":[[[[[[[]]]]]]],\"y\":[[]]}").watch);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_taken), cmocka_unit_test(test_changes), cmocka_unit_test(test_watch), cmocka_unit_test(test_pmtu), cmocka_unit_test(test_bad_pmtu),
	cmocka_unit_test(test_protect), cmocka_unit_test(test_bad_protect),
	cmocka_unit_test(test_wrong), cmocka_unit_test(test_long),    cmocka_unit_test(test_deep),
};

TEST_MAIN(tests, NULL, NULL)
