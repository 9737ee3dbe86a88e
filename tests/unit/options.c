/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clamp options: limits of their numbers; what is wrong is told in one sentence and changes nothing.
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "lib/options.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Refused: one line that repeats the word in question, and the options as they were. */
static void refused(int opt, const char *text)
{
	struct tm_options o = { .hook = { .mss = 1111, .mtu = 2222, .flags = PK_HOOK_ROUTE } }, before;
	struct tm_prefix p = { .len = 8, .mtu = 1400 };
	struct tm_error e = { "" };

	assert_int_equal(tm_ruleset_add(&o.set, &p), 0);
	before = o;
	if (tm_options_take(&o, opt, text, &e) != -EINVAL)
		fail_msg("'%s' was taken", text);
	if (memcmp(&o, &before, sizeof(o)) || o.set.prefixes[0].mtu != 1400)
		fail_msg("'%s' was refused and changed something", text);
	if (strlen(e.text) < 20 || (strchr(e.text, '\n') && !strchr(text, '\n')))
		fail_msg("'%s': no sentence: '%s'", text, e.text);
	if (strlen(text) < 100 && !strstr(e.text, text))
		fail_msg("'%s' is not named: '%s'", text, e.text);
	tm_options_free(&o);
}

static struct tm_options taken(int opt, const char *text)
{
	struct tm_options o = { 0 };
	struct tm_error e = { "" };

	if (tm_options_take(&o, opt, text, &e))
		fail_msg("'%s' was refused: %s", text, e.text);
	assert_string_equal(e.text, "");
	return o;
}

static const char *const no_numbers[] = {
	"",
	" ",
	"-",
	"-1400",
	"+1400",
	" 1400",
	"1400 ",
	"1400b",
	"1400\n",
	"0x578",
	"1e3",
	"1400.0",
	"1,400",
	"4294968696",
	"18446744073709552016",
	"99999999999999999999999999999999999999",
	"abc",
	"\xd9\xa1\xd9\xa4",
	"1400;",
	"--mss",
};

static void test_no_numbers(void **state)
{
	for (size_t i = 0; i < COUNT(no_numbers); i++) {
		char prefix[100];

		refused(TM_OPT_MSS, no_numbers[i]);
		refused(TM_OPT_MTU, no_numbers[i]);
		snprintf(prefix, sizeof(prefix), "192.0.2.0/24=%s", no_numbers[i]);
		refused(TM_OPT_PREFIX, prefix);
		snprintf(prefix, sizeof(prefix), "192.0.2.0/%s=1400", no_numbers[i]);
		refused(TM_OPT_PREFIX, prefix);
	}
}

static void test_mss(void **state)
{
	static const char *const wrong[] = { "0", "1", "31", "65496", "65535", "65536", "auto", "route" };
	static const unsigned right[] = { 32, 33, 536, 1460, 65494, 65495 };

	for (size_t i = 0; i < COUNT(wrong); i++)
		refused(TM_OPT_MSS, wrong[i]);
	for (size_t i = 0; i < COUNT(right); i++) {
		char text[16];

		snprintf(text, sizeof(text), "%u", right[i]);
		assert_int_equal(taken(TM_OPT_MSS, text).hook.mss, right[i]);
	}
	assert_int_equal(taken(TM_OPT_MSS, "0001400").hook.mss, 1400);
}

static void test_mtu(void **state)
{
	static const char *const wrong[] = { "0", "71", "65536", "Auto", "AUTO", "auto ", "aut", "routes", "path" };
	static const unsigned right[] = { 72, 1280, 1500, 65535 };

	for (size_t i = 0; i < COUNT(wrong); i++)
		refused(TM_OPT_MTU, wrong[i]);
	for (size_t i = 0; i < COUNT(right); i++) {
		char text[16];

		snprintf(text, sizeof(text), "%u", right[i]);
		assert_int_equal(taken(TM_OPT_MTU, text).hook.mtu, right[i]);
		assert_int_equal(taken(TM_OPT_MTU, text).hook.flags, 0);
	}
	assert_int_equal(taken(TM_OPT_MTU, "auto").hook.flags, PK_HOOK_AUTO);
	assert_int_equal(taken(TM_OPT_MTU, "auto").hook.mtu, 0);
	assert_int_equal(taken(TM_OPT_MTU, "route").hook.flags, PK_HOOK_ROUTE);
}

static void test_wrong_prefixes(void **state)
{
	static const char *const wrong[] = {
		"",
		"=",
		"=1400",
		"/=",
		"/24=1400",
		"192.0.2.0",
		"192.0.2.0/24",
		"192.0.2.0/24 1400",
		"192.0.2.0/24:1400",
		"192.0.2.0/24=71",
		"192.0.2.0/24=65536",
		"192.0.2.0/24=0",
		"192.0.2.0/24=auto",
		"192.0.2.0/24==1400",
		"192.0.2.0/33=1400",
		"192.0.2.0/128=1400",
		"192.0.2.0/=1400",
		"192.0.2.0/24/24=1400",
		"192.0.2.0//24=1400",
		"192.0.2.0/00024=1400",
		"192.0.2/24=1400",
		"192.0.2.256/24=1400",
		"192.0.2.0.0/24=1400",
		"0x7f.0.0.1=1400",
		" 192.0.2.0/24=1400",
		"192.0.2.0 /24=1400",
		"192.0.2.0/24=1400=1300",
		"192.0.2.0/24=1400/8",
		"192.0.2.0/255.255.255.0=1400",
		"2001:db8::/129=1400",
		"2001:db8::/-1=1400",
		"2001:db8:::/48=1400",
		":/48=1400",
		"[2001:db8::]/48=1400",
		"2001:db8::1%eth0=1400",
		"fe80::1%1/64=1400",
		"1:2:3:4:5:6:7:8:9/64=1400",
		"2001:db8::g/64=1400",
		"example.org=1400",
		"default=1400",
		"any/0=1400",
		"eth0=1400",
	};

	for (size_t i = 0; i < COUNT(wrong); i++)
		refused(TM_OPT_PREFIX, wrong[i]);
}

static void test_long_words(void **state)
{
	static const char *const ends[] = { "", "=1400", "/24=1400", "/24", "=" };
	char text[4096];

	for (size_t i = 0; i < COUNT(ends); i++) {
		for (size_t n = 40; n < 3000; n = n < 60 ? n + 1 : n * 2) {
			memset(text, '1', n);
			strcpy(text + n, ends[i]);
			refused(TM_OPT_PREFIX, text);
			refused(TM_OPT_MSS, text);
			refused(TM_OPT_MTU, text);
		}
	}
}

static void test_right_prefixes(void **state)
{
	static const struct {
		const char *text;
		struct tm_prefix prefix;
	} right[] = {
		{ "192.0.2.0/24=1400", { { 192, 0, 2 }, 24, false, 1400 } },
		{ "192.0.2.1=72", { { 192, 0, 2, 1 }, 32, false, 72 } },
		{ "0.0.0.0/0=65535", { { 0 }, 0, false, 65535 } },
		{ "255.255.255.255/32=1400", { { 255, 255, 255, 255 }, 32, false, 1400 } },
		{ "2001:db8::/32=1400", { { 0x20, 0x01, 0x0d, 0xb8 }, 32, true, 1400 } },
		{ "2001:DB8::1=1400", { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, 128, true, 1400 } },
		{ "::/0=1280", { { 0 }, 0, true, 1280 } },
		{ "::ffff:192.0.2.1/128=1400", { { [10] = 255, 255, 192, 0, 2, 1 }, 128, true, 1400 } },
		{ "1111:2222:3333:4444:5555:6666:255.255.255.255/128=1400",
		  { { 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66, 255, 255, 255, 255 },
		    128,
		    true,
		    1400 } },
	};

	for (size_t i = 0; i < COUNT(right); i++) {
		struct tm_options o = taken(TM_OPT_PREFIX, right[i].text);
		const struct tm_prefix *want = &right[i].prefix, *got = o.set.prefixes;

		assert_int_equal(o.set.count, 1);
		assert_memory_equal(got->addr, want->addr, 16);
		assert_int_equal(got->len, want->len);
		assert_int_equal(got->ipv6, want->ipv6);
		assert_int_equal(got->mtu, want->mtu);
		tm_options_free(&o);
	}
}

static void test_many_prefixes(void **state)
{
	struct tm_options o = { 0 };
	struct tm_error e;

	for (unsigned i = 0; i < 10000; i++) {
		char text[40];

		snprintf(text, sizeof(text), "10.%u.%u.0/24=%u", i / 256, i % 256, 1000 + i % 500);
		assert_int_equal(tm_options_take(&o, TM_OPT_PREFIX, text, &e), 0);
	}
	assert_int_equal(o.set.count, 10000);
	assert_int_equal(o.set.prefixes[9999].mtu, 1000 + 9999 % 500);
	tm_options_free(&o);
	assert_int_equal(o.set.count, 0);
}

/* Of one kind the last counts; different kinds add up. */
static void test_again(void **state)
{
	struct tm_options o = { 0 };
	struct tm_error e;

	assert_int_equal(tm_options_take(&o, TM_OPT_MSS, "1400", &e), 0);
	assert_int_equal(tm_options_take(&o, TM_OPT_MSS, "1300", &e), 0);
	assert_int_equal(tm_options_take(&o, TM_OPT_MTU, "1492", &e), 0);
	assert_int_equal(tm_options_take(&o, TM_OPT_MTU, "auto", &e), 0);
	assert_int_equal(tm_options_take(&o, TM_OPT_MTU, "route", &e), 0);
	assert_int_equal(o.hook.mss, 1300);
	assert_int_equal(o.hook.mtu, 1492);
	assert_int_equal(o.hook.flags, PK_HOOK_AUTO | PK_HOOK_ROUTE);
}

static void test_flags(void **state)
{
	struct tm_options o = { 0 };
	struct tm_error e = { "" };

	assert_int_equal(tm_options_take(&o, TM_OPT_ADD_MISSING, NULL, &e), 0);
	assert_int_equal(o.hook.flags, PK_HOOK_ADD_MISSING);
	assert_int_equal(tm_options_finish(&o, &e), 0);
	assert_int_equal(tm_options_take(&o, TM_OPT_ALLOW_INCREASE, NULL, &e), 0);
	assert_int_equal(o.hook.flags, PK_HOOK_ADD_MISSING | PK_HOOK_ALLOW_INCREASE);
}

/* Only a fixed MSS can be written upward: an MTU tells what fits, not what the sender can take. */
static void test_increase_needs_an_mss(void **state)
{
	struct tm_options o = { 0 };
	struct tm_error e = { "" };

	assert_int_equal(tm_options_take(&o, TM_OPT_ALLOW_INCREASE, NULL, &e), 0);
	assert_int_equal(tm_options_take(&o, TM_OPT_MTU, "1400", &e), 0);
	assert_int_equal(tm_options_finish(&o, &e), -EINVAL);
	assert_non_null(strstr(e.text, "--mss"));
	assert_int_equal(o.set.hooks[0].mtu, 0);
	assert_int_equal(tm_options_take(&o, TM_OPT_MSS, "1360", &e), 0);
	assert_int_equal(tm_options_finish(&o, &e), 0);
	assert_int_equal(o.set.hooks[0].mss, 1360);
	assert_int_equal(o.set.hooks[0].mtu, 1400);
}

static void test_what_is_a_limit(void **state)
{
	static const struct {
		int opt;
		const char *value;
		bool limit;
	} cases[] = {
		{ TM_OPT_MSS, "1400", true },		{ TM_OPT_MTU, "1400", true },
		{ TM_OPT_MTU, "auto", true },		{ TM_OPT_MTU, "route", true },
		{ TM_OPT_PREFIX, "::/0=1400", true },	{ TM_OPT_ADD_MISSING, NULL, false },
		{ TM_OPT_ALLOW_INCREASE, NULL, false },
	};
	struct tm_options none = { 0 };

	assert_false(tm_options_limited(&none));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tm_options o = taken(cases[i].opt, cases[i].value);

		assert_int_equal(tm_options_limited(&o), cases[i].limit);
		tm_options_free(&o);
	}
}

static void test_other_options_are_not_theirs(void **state)
{
	struct tm_options o = { 0 };
	struct tm_error e = { "" };

	assert_int_equal(tm_options_take(&o, 'j', NULL, &e), 1);
	assert_int_equal(tm_options_take(&o, '?', NULL, &e), 1);
	assert_int_equal(tm_options_take(&o, TM_OPT_OTHER, NULL, &e), 1);
	assert_string_equal(e.text, "");
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_no_numbers),
	cmocka_unit_test(test_mss),
	cmocka_unit_test(test_mtu),
	cmocka_unit_test(test_wrong_prefixes),
	cmocka_unit_test(test_long_words),
	cmocka_unit_test(test_right_prefixes),
	cmocka_unit_test(test_many_prefixes),
	cmocka_unit_test(test_again),
	cmocka_unit_test(test_flags),
	cmocka_unit_test(test_increase_needs_an_mss),
	cmocka_unit_test(test_what_is_a_limit),
	cmocka_unit_test(test_other_options_are_not_theirs),
};

TEST_MAIN(group, NULL, NULL)
