/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which devices lead to servers: tables of routes in every order.
 */
#include "test.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/protect/routes.h"

#define MAIN 254

static struct tm_prefix prefix(const char *text, uint8_t len)
{
	struct tm_prefix p = { .len = len, .ipv6 = strchr(text, ':') };

	assert_int_equal(inet_pton(p.ipv6 ? AF_INET6 : AF_INET, text, p.addr), 1);
	return p;
}

struct line {
	const char *to;
	uint8_t len;
	uint32_t ifindex, table;
	uint16_t mtu;
};

static struct tm_protect_found found;

/* Feeds them from line `first` on, and round. */
static void feed(const struct line *lines, size_t count, size_t first, const struct tm_prefix *servers,
		 size_t server_count)
{
	static const uint32_t clients[] = { 2, 3 };
	struct tm_protect_routes r;

	tm_protect_routes_begin(&r, servers, server_count, clients, 2);
	for (size_t i = 0; i < count; i++) {
		const struct line *l = &lines[(first + i) % count];
		struct tm_protect_route route = { prefix(l->to, l->len), l->table, l->ifindex };

		route.prefix.mtu = l->mtu;
		assert_int_equal(tm_protect_routes_take(&r, &route), 0);
	}
	tm_protect_routes_end(&r, &found);
}

static void expect(const uint32_t *devices, unsigned count)
{
	assert_int_equal(found.device_count, count);
	assert_memory_equal(found.devices, devices, count * sizeof(*devices));
	assert_false(found.too_many);
}

/* The longest that holds the servers, and all that is inside, whatever table it is in. */
static void test_longest(void **state)
{
	static const struct line lines[] = {
		{ "0.0.0.0", 0, 2, MAIN },    { "10.0.0.0", 8, 4, MAIN },    { "10.0.2.0", 23, 5, MAIN },
		{ "10.0.2.64", 26, 6, MAIN }, { "10.0.2.128", 25, 7, 100 },  { "10.0.4.0", 24, 8, MAIN },
		{ "0.0.0.0", 0, 9, 100 },     { "10.0.0.0", 16, 10, 200 },   { "10.0.2.0", 24, 1, MAIN },
		{ "::", 0, 11, MAIN },	      { "a00:200::", 24, 12, MAIN }, { "192.0.2.0", 24, 3, MAIN, 1400 },
	};
	const struct tm_prefix servers = prefix("10.0.2.0", 24);
	static const uint32_t devices[] = { 5, 6, 7, 10 };

	for (size_t first = 0; first < 12; first++) {
		feed(lines, 12, first, &servers, 1);
		expect(devices, 4);
		assert_int_equal(found.own_mtu, 2);
	}
}

static void test_families(void **state)
{
	static const struct line lines[] = { { "0.0.0.0", 0, 2, MAIN },
					     { "::", 0, 4, MAIN },
					     { "2001:db8::", 33, 5, MAIN },
					     { "2001:db8:8000::", 33, 6, MAIN } };
	const struct tm_prefix both[] = { prefix("2001:db8:1::", 48), prefix("198.51.100.0", 24) };
	static const uint32_t six[] = { 5 }, two[] = { 2, 5 };

	feed(lines, 4, 0, both, 1);
	expect(six, 1);
	feed(lines, 4, 0, both, 2);
	expect(two, 2);
}

/* Next hops of one route, and equal routes of several metrics: all of them. */
static void test_several(void **state)
{
	static const struct line lines[] = { { "0.0.0.0", 0, 2, MAIN },
					     { "10.0.0.0", 8, 4, MAIN },
					     { "10.0.0.0", 8, 5, MAIN },
					     { "10.0.0.0", 8, 4, MAIN } };
	const struct tm_prefix servers = prefix("10.1.2.3", 32), none = prefix("2001:db8::1", 128);
	static const uint32_t devices[] = { 4, 5 };

	for (size_t first = 0; first < 4; first++) {
		feed(lines, 4, first, &servers, 1);
		expect(devices, 2);
		assert_int_equal(found.own_mtu, 0);
	}
	feed(lines, 4, 0, &none, 1);
	assert_int_equal(found.device_count, 0);
}

static void test_too_many(void **state)
{
	const struct tm_prefix all = prefix("0.0.0.0", 0);
	struct tm_protect_routes r;

	tm_protect_routes_begin(&r, &all, 1, NULL, 0);
	for (uint32_t i = 0; i < 200; i++) {
		struct tm_protect_route route = { prefix("10.0.0.0", 24), MAIN, 300 - i % 100 };

		route.prefix.addr[1] = i;
		assert_int_equal(tm_protect_routes_take(&r, &route), 0);
	}
	tm_protect_routes_end(&r, &found);
	assert_int_equal(found.device_count, TM_PROTECT_DEVICES);
	assert_true(found.too_many);
	assert_int_equal(found.devices[0], 300 - TM_PROTECT_DEVICES + 1);
	assert_int_equal(found.devices[TM_PROTECT_DEVICES - 1], 300);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_longest),
	cmocka_unit_test(test_families),
	cmocka_unit_test(test_several),
	cmocka_unit_test(test_too_many),
};

TEST_MAIN(group, NULL, NULL)
