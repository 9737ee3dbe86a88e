/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lab's networks: every host with an address reaches every other, choices are checked, records can be read again.
 */
#include "test.h"

#include <string.h>

#include "lib/lab/lab.h"

static void plan(struct tm_lab *lab, enum tm_lab_network network, bool client_side)
{
	struct tm_lab_choice choice;

	tm_lab_defaults(&choice, network);
	choice.client_narrow = choice.server_wide = client_side;
	tm_lab_plan(lab, "x", network, &choice);
}

static const struct tm_lab_end *end_at(const struct tm_lab *lab, unsigned char net, unsigned char last)
{
	for (size_t i = 0; i < lab->link_count * 2; i++)
		if (lab->links[i / 2].net == net && lab->links[i / 2].end[i % 2].last == last)
			return &lab->links[i / 2].end[i % 2];
	return NULL;
}

static bool is_on(const struct tm_lab *lab, const char *host, unsigned char net)
{
	for (size_t i = 0; i < lab->link_count * 2; i++)
		if (lab->links[i / 2].net == net && lab->links[i / 2].end[i % 2].last &&
		    !strcmp(lab->links[i / 2].end[i % 2].host, host))
			return true;
	return false;
}

/* Follows the routes from a host to a network, by routers only; how many hops, -1 where it does not get there. */
static int follow(const struct tm_lab *lab, const char *host, unsigned char net)
{
	int hops = 0;

	while (!is_on(lab, host, net)) {
		struct tm_lab_route routes[TM_LAB_LINKS];
		size_t count = tm_lab_routes(lab, host, routes), i = 0;
		const struct tm_lab_end *via;

		while (i < count && routes[i].net != net)
			i++;
		if (i == count || ++hops > TM_LAB_HOSTS)
			return -1;
		assert_true(is_on(lab, host, routes[i].via_net));
		via = end_at(lab, routes[i].via_net, routes[i].via_last);
		assert_non_null(via);
		assert_int_equal(tm_lab_host(lab, via->host)->kind, TM_LAB_ROUTER);
		host = via->host;
	}
	return hops;
}

static void check_network(const struct tm_lab *lab)
{
	for (size_t i = 0; i < lab->link_count * 2; i++) {
		const struct tm_lab_link *link = &lab->links[i / 2];
		const struct tm_lab_end *end = &link->end[i % 2];

		assert_non_null(tm_lab_host(lab, end->host));
		assert_in_range(link->mtu, 1280, 65535);
		assert_in_range(strlen(end->device), 1, 15);
		/* no address is there twice */
		if (end->last)
			assert_ptr_equal(end_at(lab, link->net, end->last), end);
		for (size_t h = 0; end->last && h < lab->host_count; h++)
			if (lab->hosts[h].kind == TM_LAB_END || lab->hosts[h].kind == TM_LAB_ROUTER)
				assert_true(follow(lab, lab->hosts[h].name, link->net) >= 0);
	}
	assert_string_equal(lab->hosts[0].name, "client");
	assert_string_equal(lab->hosts[lab->host_count - 1].name, "server");
}

static void networks(void **state)
{
	struct tm_lab lab;

	for (unsigned n = 0; n < TM_LAB_NETWORKS; n++) {
		plan(&lab, n, false);
		check_network(&lab);
		plan(&lab, n, true);
		check_network(&lab);
	}
}

static void ways(void **state)
{
	struct tm_lab lab;

	plan(&lab, TM_LAB_GATEWAY, false);
	assert_int_equal(follow(&lab, "client", 4), 1);
	plan(&lab, TM_LAB_PATH, false);
	assert_int_equal(follow(&lab, "client", 4), 3);
	assert_int_equal(follow(&lab, "server", 1), 3);
	assert_int_equal(follow(&lab, "gateway", 2), 0);
	plan(&lab, TM_LAB_PROXY, false);
	assert_int_equal(follow(&lab, "client", 4), 3);
	plan(&lab, TM_LAB_FLOOD, false);
	assert_int_equal(follow(&lab, "attackers", 4), 1);
	assert_int_equal(follow(&lab, "switch", 4), -1);
}

static void choices(void **state)
{
	static const struct {
		enum tm_lab_network network;
		const char *key, *value;
		int wanted;
	} cases[] = {
		{ TM_LAB_PATH, "mtu", "1300", 0 },
		{ TM_LAB_PATH, "mtu", "1279", -EINVAL },
		{ TM_LAB_PATH, "mtu", "65536", -EINVAL },
		{ TM_LAB_PATH, "mtu", "", -EINVAL },
		{ TM_LAB_PATH, "mtu", NULL, -EINVAL },
		{ TM_LAB_PATH, "blackhole", NULL, 0 },
		{ TM_LAB_PATH, "blackhole", "yes", 0 },
		{ TM_LAB_PATH, "blackhole", "maybe", -EINVAL },
		{ TM_LAB_WIRE, "blackhole", NULL, -EINVAL },
		{ TM_LAB_PATH, "raise-mss", "1440", -EINVAL },
		{ TM_LAB_PROXY, "raise-mss", "1440", 0 },
		{ TM_LAB_PROXY, "raise-mss", "no", 0 },
		{ TM_LAB_PROXY, "raise-mss", "none", -EINVAL },
		{ TM_LAB_PROXY, "narrow", "client", 0 },
		{ TM_LAB_PROXY, "narrow", "both", 0 },
		{ TM_LAB_PROXY, "narrow", "neither", -EINVAL },
		{ TM_LAB_PROXY, "narrow", NULL, -EINVAL },
		{ TM_LAB_WIRE, "bare", NULL, 0 },
		{ TM_LAB_PATH, "bare", NULL, -EINVAL },
		{ TM_LAB_PATH, "offload", "off", 0 },
		{ TM_LAB_PATH, "colour", "red", -EINVAL },
	};
	struct tm_lab_choice choice;
	struct tm_error e;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		tm_lab_defaults(&choice, cases[i].network);
		assert_int_equal(tm_lab_choose(&choice, cases[i].network, cases[i].key, cases[i].value, &e),
				 cases[i].wanted);
	}
}

static void names(void **state)
{
	static const char *const bad[] = { "", "a-b", "a/b", "..a/", "a b", "ä", "123456789012345678901234" };
	struct tm_error e;

	assert_int_equal(tm_lab_name_check("lab", &e), 0);
	assert_int_equal(tm_lab_name_check("12345678901234567890123", &e), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(tm_lab_name_check(bad[i], &e), -EINVAL);
}

static void records(void **state)
{
	char text[TM_LAB_RECORD];
	struct tm_lab lab, read;
	bool ready;

	for (unsigned i = 0; i < 1000; i++) {
		struct tm_lab_choice c = {
			.mtu = 1280 + test_below(8000),
			.raise_mss = test_below(9000),
			.blackhole = test_below(2),
			.client_narrow = test_below(2),
			.server_wide = test_below(2),
			.bare = test_below(2),
			.no_offload = test_below(2),
			.gro = test_below(2),
		};

		tm_lab_plan(&lab, "12345678901234567890123", test_below(TM_LAB_NETWORKS), &c);
		tm_lab_record(&lab, lab.hosts[test_below(lab.host_count)].name, test_below(2), text);
		assert_in_range(strlen(text), 1, TM_LAB_RECORD - 2);
		assert_true(tm_lab_read(&read, text, &ready));
		assert_memory_equal(&read, &lab, sizeof(lab));
		assert_true(tm_lab_recorded(text, "12345678901234567890123"));
		assert_false(tm_lab_recorded(text, "1234567890123456789012"));
	}
}

static void no_records(void **state)
{
	static const char *const bad[] = {
		"",
		"lo",
		"tcpmss lab ",
		"tcpmss lab x client",
		"tcpmss lab x client 2 ready path mtu=1 raise-mss=0 ",
		"tcpmss lab x client 1 ready sea mtu=1 raise-mss=0 ",
		"tcpmss lab a/b client 1 ready path mtu=1 raise-mss=0 ",
		"tcpmss lab 12345678901234567890123456789 client 1 ready path mtu=1 raise-mss=0 ",
	};
	struct tm_lab lab;
	bool ready;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(tm_lab_read(&lab, bad[i], &ready));
	assert_false(tm_lab_recorded("tcpmss lab xy client", "x"));
	assert_true(tm_lab_recorded("tcpmss lab x whatever", "x"));
}

static const struct CMUnitTest lab_tests[] = {
	cmocka_unit_test(networks), cmocka_unit_test(ways),    cmocka_unit_test(choices),
	cmocka_unit_test(names),    cmocka_unit_test(records), cmocka_unit_test(no_records),
};

TEST_MAIN(lab_tests, NULL, NULL)
