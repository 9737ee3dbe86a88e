/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages of ng_tcpmss(4): what netgraph's own parser takes is taken, what it passes over is refused in one sentence.
 */
#include "test.h"

#include <string.h>

#include "lib/ngctl.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	const char *text;
	struct tm_ng_message m;
} right[] = {
	{ "config { inHook=\"wan\" outHook=\"wan\" maxMSS=1452 }", { TM_NG_CONFIG, "wan", "wan", 1452 } },
	{ "config {inHook=\"wan\"outHook=\"wan\"maxMSS=1452}", { TM_NG_CONFIG, "wan", "wan", 1452 } },
	{ "  config\t{ maxMSS = 0x5ac\n outHook = \"b\" inHook = \"a\" }  ", { TM_NG_CONFIG, "a", "b", 1452 } },
	{ "config{ inHook=\"a\" outHook=\"a\" maxMSS=02654 }", { TM_NG_CONFIG, "a", "a", 1452 } },
	{ "config { inHook=\"a\" outHook=\"a\" maxMSS=+1452 }", { TM_NG_CONFIG, "a", "a", 1452 } },
	{ "config { inHook=\"a\" outHook=\"a\" maxMSS=0X5AC }", { TM_NG_CONFIG, "a", "a", 1452 } },
	{ "config { inHook=\"a\" outHook=\"a\" maxMSS=0 }", { TM_NG_CONFIG, "a", "a", 0 } },
	{ "config { inHook=\"a\" outHook=\"a\" }", { TM_NG_CONFIG, "a", "a", 0 } },
	{ "config { inHook=\"a\" outHook=\"a\" maxMSS=32 }", { TM_NG_CONFIG, "a", "a", 32 } },
	{ "config { inHook=\"a\" outHook=\"a\" maxMSS=65495 }", { TM_NG_CONFIG, "a", "a", 65495 } },
	{ "config { inHook=\"\\x77\\141n\" outHook=\"w\\an\" }", { TM_NG_CONFIG, "wan", "wan", 0 } },
	{ "getstats \"wan\"", { TM_NG_GETSTATS, "wan", "", 0 } },
	{ "getstats wan", { TM_NG_GETSTATS, "wan", "", 0 } },
	{ "clrstats \"1234567890123456789012345678901\"",
	  { TM_NG_CLRSTATS, "1234567890123456789012345678901", "", 0 } },
	{ "getclrstats \"a-_:@+.b\"", { TM_NG_GETCLRSTATS, "a-_:@+.b", "", 0 } },
};

static void test_right(void **state)
{
	for (size_t i = 0; i < COUNT(right); i++) {
		struct tm_ng_message m;
		struct tm_error e;

		if (tm_ng_parse(&m, right[i].text, &e))
			fail_msg("'%s': %s", right[i].text, e.text);
		assert_int_equal(m.command, right[i].m.command);
		assert_string_equal(m.in, right[i].m.in);
		assert_string_equal(m.out, right[i].m.out);
		assert_int_equal(m.mss, right[i].m.mss);
	}
}

/* Each with a word that the sentence has. */
static const char *const wrong[][2] = {
	{ "", "the end" },
	{ "reset", "'reset'" },
	{ "Config { }", "'Config'" },
	{ "configure { }", "'configure'" },
	{ "{ config }", "'{'" },
	{ "config", "the end" },
	{ "config [ ]", "'['" },
	{ "config { }", "inHook is missing" },
	{ "config { inHook=\"a\" }", "outHook is missing" },
	{ "config { outHook=\"a\" }", "inHook is missing" },
	{ "config { inHook=\"a\" outHook=\"a\"", "the end" },
	{ "config { inHook=\"a\" outHook=\"a\" } x", "'x'" },
	{ "config { inHook=\"a\" inHook=\"a\" }", "twice" },
	{ "config { inHook=\"a\", outHook=\"a\" }", "','" },
	{ "config { inhook=\"a\" }", "'inhook'" },
	{ "config { inHook \"a\" }", "'='" },
	{ "config { inHook=a }", "quotes" },
	{ "config { inHook={ } }", "quotes" },
	{ "config { inHook=\"a }", "closing quote" },
	{ "config { inHook=\"a\\\" }", "closing quote" },
	{ "config { inHook=\"a\\", "closing quote" },
	{ "config { inHook=\"\" outHook=\"\" }", "no hook is called that" },
	{ "config { inHook=\"a b\" }", "no hook is called that" },
	{ "config { inHook=\"../a\" }", "no hook is called that" },
	{ "config { inHook=\"a\\0b\" }", "NUL" },
	{ "config { inHook=\"a\\x0\" }", "NUL" },
	{ "config { inHook=\"a\\n\" }", "no hook is called that" },
	{ "config { inHook=\"12345678901234567890123456789012\" }", "longer than 31" },
	{ "config { maxMSS=31 }", "'31'" },
	{ "config { maxMSS=65496 }", "'65496'" },
	{ "config { maxMSS=65536 }", "'65536'" },
	{ "config { maxMSS=4294968748 }", "'4294968748'" },
	{ "config { maxMSS=99999999999999999999999999 }", "'99999999999999999999'" },
	{ "config { maxMSS=-1 }", "'-1'" },
	{ "config { maxMSS=1452b }", "'1452b'" },
	{ "config { maxMSS=0x }", "'0x'" },
	{ "config { maxMSS=09 }", "'09'" },
	{ "config { maxMSS=+ }", "number is missing" },
	{ "config { maxMSS= }", "number is missing" },
	{ "config { maxMSS=\"1452\" }", "number is missing" },
	{ "getstats", "the end" },
	{ "getstats \"a\" \"b\"", "over" },
	{ "getstats \"\"", "no hook" },
	{ "getstats { }", "'{'" },
	{ "getstats \x80\xff", "no hook" },
	{ "\x1b[31m", "'?'" },
};

static void test_wrong(void **state)
{
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct tm_ng_message m;
		struct tm_error e = { "" };

		if (tm_ng_parse(&m, wrong[i][0], &e) != -EINVAL)
			fail_msg("'%s' was taken", wrong[i][0]);
		if (!strstr(e.text, wrong[i][1]))
			fail_msg("'%s': '%s' does not say %s", wrong[i][0], e.text, wrong[i][1]);
		for (const char *c = e.text; *c; c++)
			assert_true(*c >= ' ' && *c <= '~');
	}
}

/* What is zero is left out, as ng_unparse() does it. */
static void test_answers(void **state)
{
	struct tm_counters c = { 0 };
	char text[TM_NG_ANSWER];

	tm_ng_stats_text(text, &c, 0);
	assert_string_equal(text, "{}");
	tm_ng_stats_text(text, &c, 1452);
	assert_string_equal(text, "{ maxMSS=1452 }");
	c = (struct tm_counters){ .octets = 1500, .packets = 3, .syn_packets = 2, .fixed_packets = 1 };
	tm_ng_stats_text(text, &c, 1452);
	assert_string_equal(text, "{ Octets=1500 Packets=3 maxMSS=1452 SYNPkts=2 FixedPkts=1 }");
	c.octets = c.packets = c.syn_packets = c.fixed_packets = UINT64_MAX;
	tm_ng_stats_text(text, &c, 65495);
	assert_string_equal(text, "{ Octets=18446744073709551615 Packets=18446744073709551615 maxMSS=65495 "
				  "SYNPkts=18446744073709551615 FixedPkts=18446744073709551615 }");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_right),
	cmocka_unit_test(test_wrong),
	cmocka_unit_test(test_answers),
};

TEST_MAIN(tests, NULL, NULL)
