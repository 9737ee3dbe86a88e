/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reasons have names, names are found again, counters count what they say and add up over CPUs and time.
 */
#include "test.h"

#include <string.h>

#include "lib/clamp.h"
#include "lib/report/hook-counters.h"
#include "lib/report/stats.h"

static void test_every_reason_has_a_name(void **state)
{
	for (int i = PK_GO_ON + 1; i < PK_REASON_COUNT; i++) {
		const char *name = tm_reason_name(i);

		assert_non_null(name);
		assert_true(strlen(name) > 0 && strlen(name) < 32);
		for (const char *c = name; *c; c++)
			assert_true((*c >= 'a' && *c <= 'z') || *c == '-');
		assert_int_equal(tm_reason_find(name), i);
		for (int j = PK_GO_ON + 1; j < i; j++)
			assert_string_not_equal(name, tm_reason_name(j));
	}
}

/* Scripts depend on these spellings; there may be more. */
static void test_spelling(void **state)
{
	static const char *const names[] = {
		"clamped",	 "within-limit",      "raised",		"added",
		"no-mss-option", "malformed-options", "bad-tcp-header", "bad-ip-header",
		"fragment",	 "extension-header",  "signed",		"checksum-partial",
		"not-syn",	 "not-tcp",	      "not-ip",		"truncated",
		"no-limit",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (tm_reason_find(names[i]) == PK_GO_ON)
			fail_msg("no reason '%s'", names[i]);
}

static void test_what_is_no_reason(void **state)
{
	static const char *const wrong[] = { "",	"?",	    "clampe", "clampedd",
					     "Clamped", "clamped ", "go-on",  "within_limit" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(tm_reason_find(wrong[i]), PK_GO_ON);
	assert_string_equal(tm_reason_name(PK_GO_ON), "?");
	assert_string_equal(tm_reason_name(PK_REASON_COUNT), "?");
	assert_string_equal(tm_reason_name((enum pk_reason) - 1), "?");
}

static void test_count(void **state)
{
	struct tm_counters c = { 0 };

	tm_counters_count(&c, &(struct pk_result){ .reason = PK_NOT_SYN }, 1514);
	tm_counters_count(&c, &(struct pk_result){ .reason = PK_WITHIN_LIMIT, .syn = true }, 60);
	tm_counters_count(&c,
			  &(struct pk_result){ .reason = PK_CLAMPED,
					       .also = 1u << PK_CHECKSUM_PARTIAL | 1u << PK_MALFORMED_OPTIONS,
					       .syn = true,
					       .changed = true },
			  74);
	assert_int_equal(c.packets, 3);
	assert_int_equal(c.octets, 1514 + 60 + 74);
	assert_int_equal(c.syn_packets, 2);
	assert_int_equal(c.fixed_packets, 1);
	for (int i = 0; i < PK_REASON_COUNT; i++) {
		bool counted = i == PK_NOT_SYN || i == PK_WITHIN_LIMIT || i == PK_CLAMPED || i == PK_CHECKSUM_PARTIAL ||
			       i == PK_MALFORMED_OPTIONS;

		assert_int_equal(c.reasons[i], counted);
	}
}

static void test_octets_are_64_bits(void **state)
{
	struct tm_counters c = { .octets = UINT32_MAX };

	tm_counters_count(&c, &(struct pk_result){ .reason = PK_NOT_IP }, UINT32_MAX);
	assert_true(c.octets == 2 * (uint64_t)UINT32_MAX);
}

static void test_add(void **state)
{
	struct tm_counters a, b;
	uint64_t *pa = (uint64_t *)&a, *pb = (uint64_t *)&b;

	for (size_t i = 0; i < sizeof(a) / sizeof(*pa); i++) {
		pa[i] = i + 1;
		pb[i] = 1000 * (i + 1);
	}
	tm_counters_add(&a, &b);
	for (size_t i = 0; i < sizeof(a) / sizeof(*pa); i++) {
		assert_int_equal(pa[i], 1001 * (i + 1));
		assert_int_equal(pb[i], 1000 * (i + 1));
	}
}

/* ---- counters of a hook */

static void fill(struct tm_bpf_counters c[TM_DIRECTIONS], uint64_t step)
{
	uint64_t *p = (uint64_t *)c;

	for (size_t i = 0; i < TM_DIRECTIONS * sizeof(*c) / sizeof(*p); i++)
		p[i] = step * (i + 1);
}

static void test_cpus_add_up(void **state)
{
	struct tm_bpf_counters sum[TM_DIRECTIONS], cpu[TM_DIRECTIONS], want[TM_DIRECTIONS];

	fill(sum, 1);
	fill(cpu, 1000);
	fill(want, 1001);
	for (int d = 0; d < TM_DIRECTIONS; d++)
		tm_bpf_counters_add(&sum[d], &cpu[d]);
	assert_memory_equal(sum, want, sizeof(want));
}

static void test_since_a_baseline(void **state)
{
	static struct tm_bpf_counters now[TM_DIRECTIONS], base[TM_DIRECTIONS];
	struct tm_hook_counters c;

	base[TM_OUT].by_reason[PK_IPV6][PK_CLAMPED] = (struct tm_bpf_counter){ 5, 500 };
	now[TM_OUT].by_reason[PK_IPV6][PK_CLAMPED] = (struct tm_bpf_counter){ 8, 740 };
	now[TM_OUT].also[PK_IPV6][PK_CHECKSUM_PARTIAL] = 2;
	base[TM_OUT].syn[PK_IPV6] = 5;
	now[TM_OUT].syn[PK_IPV6] = 8;
	base[TM_OUT].fixed[PK_IPV6] = 5;
	now[TM_OUT].fixed[PK_IPV6] = 8;
	now[TM_IN].by_reason[PK_NO_FAMILY][PK_NOT_IP] = (struct tm_bpf_counter){ 1, 42 };
	tm_hook_counters_since(&c, now, base);

	assert_int_equal(c.by[TM_OUT][PK_IPV6].packets, 3);
	assert_int_equal(c.by[TM_OUT][PK_IPV6].octets, 240);
	assert_int_equal(c.by[TM_OUT][PK_IPV6].syn_packets, 3);
	assert_int_equal(c.by[TM_OUT][PK_IPV6].fixed_packets, 3);
	assert_int_equal(c.by[TM_OUT][PK_IPV6].reasons[PK_CLAMPED], 3);
	assert_int_equal(c.by[TM_OUT][PK_IPV6].reasons[PK_CHECKSUM_PARTIAL], 2);
	assert_int_equal(c.by[TM_OUT][PK_IPV4].packets, 0);
	assert_int_equal(c.by[TM_IN][PK_NO_FAMILY].octets, 42);
	assert_int_equal(c.total.packets, 4);
	assert_int_equal(c.total.octets, 282);
	assert_int_equal(c.total.syn_packets, 3);
	assert_int_equal(c.total.reasons[PK_NOT_IP], 1);

	tm_hook_counters_since(&c, now, now);
	for (size_t i = 0; i < sizeof(c) / sizeof(uint64_t); i++)
		assert_int_equal(((uint64_t *)&c)[i], 0);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_every_reason_has_a_name),
	cmocka_unit_test(test_spelling),
	cmocka_unit_test(test_what_is_no_reason),
	cmocka_unit_test(test_count),
	cmocka_unit_test(test_octets_are_64_bits),
	cmocka_unit_test(test_add),
	cmocka_unit_test(test_cpus_add_up),
	cmocka_unit_test(test_since_a_baseline),
};

TEST_MAIN(group, NULL, NULL)
