/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What explain tells of a limit is what the packet path does.
 */
#include "test.h"

#include <string.h>

#include "lib/report/explain.h"

static void build(struct tm_image *image, const struct pk_hook *hook, unsigned count)
{
	struct tm_ruleset set = { .hooks[0] = *hook };

	for (unsigned i = 0; i < count; i++) {
		struct tm_prefix p = { .mtu = 72 + test_below(3000) };

		p.ipv6 = test_random() & 1;
		p.len = test_below(p.ipv6 ? 129 : 33);
		for (unsigned b = 0; b < (p.ipv6 ? 16 : 4); b++)
			p.addr[b] = test_below(2);
		assert_int_equal(tm_ruleset_add(&set, &p), 0);
	}
	assert_int_equal(tm_image_build(image, &set), 0);
	tm_ruleset_free(&set);
}

/* The limit the core finds for a packet from the address, on a machine with these MTUs; to an address without any prefix. */
static struct pk_limit in_the_core(const struct tm_image *image, const struct tm_surroundings *around, bool ipv6,
				   const uint8_t *address)
{
	uint8_t frame[64];
	struct pk_view v = { .frame = frame,
			     .len = sizeof(frame),
			     .room = sizeof(frame),
			     .device_mtu = around->device_mtu,
			     .route_mtu = around->route_mtu };
	struct pk_packet pk = { .family = ipv6 ? PK_IPV6 : PK_IPV4 };
	struct pk_rules rules = tm_image_rules(image);
	struct pk_limit limit = { 0 };

	memset(frame, 0xee, sizeof(frame));
	memcpy(frame + (ipv6 ? 8 : 12), address, ipv6 ? 16 : 4);
	pk_find_limit(&v, &pk, &rules, &tm_image_head(image)->hooks[0], &limit);
	return limit;
}

static void test_as_the_core(void **state)
{
	for (unsigned round = 0; round < 5000; round++) {
		struct pk_hook hook = { .mss = test_below(3) ? 0 : 32 + test_below(3000),
					.mtu = test_below(3) ? 0 : 72 + test_below(3000),
					.flags = test_below(16) };
		struct tm_surroundings around = { test_below(4) ? 68 + test_below(3000) : 0,
						  test_below(4) ? 68 + test_below(3000) : 0 };
		struct tm_explanation x;
		struct pk_limit limit;
		struct tm_image image;
		uint8_t address[16];
		bool ipv6 = round & 1;

		if (!test_below(10))
			around.device_mtu = 65536;
		build(&image, &hook, test_below(30));
		for (unsigned b = 0; b < 16; b++)
			address[b] = test_below(2);
		tm_explain(&x, &image, &around, ipv6, address);
		limit = in_the_core(&image, &around, ipv6, address);
		if (limit.source == PK_FROM_PREFIX_DST ||
		    limit.source == PK_FROM_NOWHERE) { /* 0.0.0.0/0 or ::/0 is a tie */
			assert_true(limit.source == PK_FROM_NOWHERE ? x.chosen < 0 : x.chosen >= 0);
		} else {
			assert_true(x.chosen >= 0 && x.chosen < (int)x.count);
			assert_int_equal(x.candidates[x.chosen].source, limit.source);
		}
		if (limit.source != PK_FROM_PREFIX_DST && x.chosen >= 0)
			assert_int_equal(x.candidates[x.chosen].mss, limit.mss);
		tm_image_free(&image);
	}
}

static void test_arithmetic(void **state)
{
	struct pk_hook hook = { .mtu = 1000, .mss = 1460 };
	struct tm_surroundings around = { 0 };
	struct tm_explanation x;
	struct tm_image image;

	build(&image, &hook, 0);
	tm_explain(&x, &image, &around, false, NULL);
	assert_int_equal(x.count, 2);
	assert_int_equal(x.candidates[x.chosen].source, PK_FROM_MTU);
	assert_int_equal(x.candidates[x.chosen].mss, 960);
	tm_explain(&x, &image, &around, true, NULL);
	assert_int_equal(x.candidates[x.chosen].mss, 1220); /* no IPv6 link is smaller than 1280 */
	tm_image_free(&image);
}

static void test_sources_have_names(void **state)
{
	static const char *const names[] = { "none", "mss", "mtu", "auto", "route", "prefix", "prefix", "learned", "learned" };

	for (int i = PK_FROM_NOWHERE; i <= PK_FROM_LEARNED_DST; i++)
		assert_string_equal(tm_source_name(i), names[i]);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_as_the_core),
	cmocka_unit_test(test_arithmetic),
	cmocka_unit_test(test_sources_have_names),
};

TEST_MAIN(group, NULL, NULL)
