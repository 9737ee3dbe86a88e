/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of protect as text: ranges that say what the image says, and nothing in it that comes from names or numbers of others.
 */
#include "test.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/protect/nft.h"
#include "lib/protect/services.h"
#include "lib/protect/service-ranges.h"

static const struct tm_synproxy usual = { .mss = 1460, .wscale = 7, .sack = true, .timestamps = true };

/* A configuration and what is made of it. */
struct made {
	struct tm_config config;
	struct tm_image image;
	struct tm_nft_block blocks[TM_PROTECT_BLOCKS];
	struct tm_nft_input in;
};

static void make(struct made *m, const char *text)
{
	struct tm_service_block numbers[TM_PROTECT_BLOCKS];
	struct tm_config_errors errors = { 0 };
	char told[600];

	*m = (struct made){ 0 };
	if (tm_config_parse(&m->config, "test", text, strlen(text), &errors)) {
		tm_config_error_text(told, sizeof(told), &errors.list[0]);
		fail_msg("refused: %s", told);
	}
	for (uint32_t i = 0; i < m->config.protect_count; i++) {
		const struct tm_config_protect *p = &m->config.protects[i];

		numbers[i] = (struct tm_service_block){ p, i + 3 };
		m->blocks[i] = (struct tm_nft_block){ .config = p,
						      .number = i + 3,
						      .accelerated = p->accelerator != TM_ACCELERATOR_NONE,
						      .usual = { usual, usual, usual } };
	}
	assert_int_equal(tm_services_build(&m->image, numbers, m->config.protect_count), 0);
	m->in = (struct tm_nft_input){ .services = &m->image,
				       .blocks = m->blocks,
				       .block_count = m->config.protect_count };
}

static void unmake(struct made *m)
{
	tm_image_free(&m->image);
	tm_config_free(&m->config);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

static void has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("'%s' is not in:\n%s", what, text);
}

static void lacks(const char *text, const char *what)
{
	if (strstr(text, what))
		fail_msg("'%s' is in:\n%s", what, text);
}

/* ---- the table */

static void test_accelerated(void **state)
{
	struct made m;
	char *text;

	make(&m, "protect web { servers = {10.0.2.0/24, 2001:db8::/64} ports = {80, 443} device = eth0 }");
	text = tm_protect_nft_table(&m.in);
	assert_memory_equal(text, TM_PROTECT_NFT_REMOVE, strlen(TM_PROTECT_NFT_REMOVE));
	has(text, "10.0.2.0-10.0.2.255 : goto t4_1");
	has(text, "2001:db8::-2001:db8::ffff:ffff:ffff:ffff : goto t6_1");
	has(text, "t4_1 tcp dport vmap { 80-80 : goto p4_3, 443-443 : goto p4_3 }");
	has(text, "comment \"web\"");
	has(text, "cookies synproxy"); /* also while idle */
	lacks(text, "notrack");
	lacks(text, "ct state"); /* idle: nothing for packets */
	free(text);

	m.blocks[0].arm = TM_PROTECT_ARMED;
	text = tm_protect_nft_arm(&m.in);
	has(text, "forward meta l4proto 6 ct state invalid,untracked ip daddr vmap @to4\n");
	has(text, "forward meta l4proto 6 ct state invalid,untracked ip6 daddr vmap @to6\n");
	has(text, "p4_3 tcp flags & (fin | syn | rst | ack) == ack goto cookies\n");
	has(text, "p6_3 drop\n");
	lacks(text, "notrack"); /* the accelerator answers: SYNs that come here are let pass */
	lacks(text, "table inet tcpmss_protect\n");
	free(text);
	unmake(&m);
}

static void test_alone(void **state)
{
	struct made m;
	struct tm_nft_server servers[] = {
		{ { { 10, 0, 2, 9 }, 80, PK_IPV4, 0 }, { 1300, 10, true, true } },
		{ { { 10, 0, 2, 10 }, 80, PK_IPV4, 0 }, { 1300, 10, true, true } },
		{ { { 10, 0, 2, 11 }, 443, PK_IPV4, 0 }, { 536, TM_WSCALE_NONE, false, false } },
		{ { { 0x20, 1, 0xd, 0xb8 }, 80, PK_IPV6, 0 }, { 1440, 0, true, false } },
	};
	char *text;

	make(&m, "protect web { servers = {10.0.2.0/24, 2001:db8::/64} ports = 80 device = eth0 accelerator = none }");
	m.in.servers = servers;
	m.in.server_count = 4;
	text = tm_protect_nft_table(&m.in);
	has(text, "10.0.2.9 . 80 : goto offer_1300_w10_ts_sack,");
	has(text, "10.0.2.11 . 443 : goto offer_536 }");
	has(text, "2001:db8:: . 80 : goto offer_1440_w0_sack }");
	has(text, "offer_1300_w10_ts_sack synproxy mss 1300 wscale 10 timestamp sack-perm\n");
	has(text, "offer_536 synproxy mss 536\n");
	has(text, "offer_1440_w0_sack synproxy mss 1440 wscale 0 sack-perm\n");
	assert_int_equal(count(text, "chain offer_"), 4); /* equal ones share one */
	has(text, "small limit rate 1000/second accept\n");
	lacks(text, "notrack");
	free(text);

	m.blocks[0].arm = TM_PROTECT_ARMED;
	text = tm_protect_nft_arm(&m.in);
	has(text, "raw tcp flags & (fin | syn | rst | ack) == syn ip daddr vmap @syn4\n");
	has(text, "a4_3 notrack\n");
	has(text, "a4_3 tcp option maxseg size < 536 goto small\n");
	has(text, "a6_3 tcp option maxseg size < 1220 goto small\n");
	has(text, "p4_3 tcp flags & (fin | syn | rst | ack) == syn goto offer_1460_w7_ts_sack\n");
	free(text);

	m.blocks[0].arm = TM_PROTECT_DRAINING; /* SYNs pass, cookies are still good */
	text = tm_protect_nft_arm(&m.in);
	lacks(text, "notrack");
	lacks(text, "goto offer_");
	has(text, "p4_3 tcp flags & (fin | syn | rst | ack) == ack goto cookies\n");
	has(text, "p4_3 drop\n");
	free(text);
	unmake(&m);
}

/* One of two blocks that lie in each other is armed: the other's services are not touched. */
static void test_states(void **state)
{
	struct made m;
	char *text;

	make(&m, "protect outer { servers = 10.0.0.0/8 ports = all device = eth0 }\n"
		 "protect inner { servers = 10.0.2.0/24 ports = 80 device = eth0 accelerator = none }");
	m.blocks[0].arm = TM_PROTECT_ARMED;
	text = tm_protect_nft_table(&m.in);
	has(text, "tcp dport vmap { 1-79 : goto p4_3, 80-80 : goto p4_4, 81-65535 : goto p4_3 }");
	has(text, "p4_3 drop\n");
	lacks(text, "p4_4 drop\n");
	lacks(text, "a4_4 notrack\n");
	has(text, "flush chain inet tcpmss_protect p4_4\n");
	free(text);
	unmake(&m);
}

/* Names are what people choose; characters that mean something to nft are no part of them. */
static void test_names(void **state)
{
	static const char *const bad[] = { "a\\\"; }", "a b", "x;", "{", "$x", "a\\n" };
	struct made m;
	char text[200], *out;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct tm_config_errors errors = { 0 };
		struct tm_config c;

		snprintf(text, sizeof(text), "protect \"%s\" { servers = 10.0.0.0/8 ports = 80 device = eth0 }",
			 bad[i]);
		assert_int_equal(tm_config_parse(&c, "test", text, strlen(text), &errors), -EINVAL);
		tm_config_errors_free(&errors);
	}
	make(&m, "protect \"a.-_:@+0\" { servers = 10.0.0.0/8 ports = 80 device = eth0 }");
	out = tm_protect_nft_table(&m.in);
	has(out, "chain p4_3 { comment \"a.-_:@+0\"; }\n");
	free(out);
	unmake(&m);
}

/* More different servers than there is room for; the text stays bounded. */
static void test_many(void **state)
{
	enum { PREFIXES = 10000, SERVERS = 16384 };
	struct tm_nft_server *servers = calloc(SERVERS, sizeof(*servers));
	size_t size = PREFIXES * 24 + 200, n;
	char *config = malloc(size), *text;
	struct made m;

	n = (size_t)snprintf(config, size, "protect web { servers = { 10.0.0.0/24");
	for (unsigned i = 1; i < PREFIXES; i++)
		n += (size_t)snprintf(config + n, size - n, ", 10.%u.%u.0/24", i >> 7, i << 1 & 0xff);
	snprintf(config + n, size - n, " } ports = 80 device = eth0 accelerator = none }");
	make(&m, config);
	for (uint32_t i = 0; i < SERVERS; i++) {
		uint32_t address = htonl(0x0a000000 + i);

		servers[i].key.family = PK_IPV4;
		servers[i].key.port = 80;
		memcpy(servers[i].key.addr, &address, 4);
		servers[i].offer = (struct tm_synproxy){ .mss = (uint16_t)(i + 1), .wscale = 7 };
	}
	m.in.servers = servers;
	m.in.server_count = SERVERS;
	text = tm_protect_nft_table(&m.in);
	assert_int_equal(count(text, "chain offer_"), TM_SYNPROXY_OFFERS);
	assert_int_equal(count(text, " : goto t4_1"), PREFIXES);
	assert_int_equal(count(text, " . 80 : goto offer_"), TM_SYNPROXY_OFFERS - 1);
	free(text);
	text = tm_protect_nft_arm(&m.in);
	assert_true(strlen(text) < 2000); /* however many */
	free(text);
	free(config);
	free(servers);
	unmake(&m);
}

/* ---- ranges */

static int in_range(const struct tm_service_range *r, const uint8_t *addr)
{
	return memcmp(addr, r->first, 16) >= 0 && memcmp(addr, r->last, 16) <= 0;
}

/* Each address is in the range of its set, and in no other. */
static void check_ranges(const struct made *m, const struct tm_prefix *prefixes, size_t prefix_count, bool ipv6)
{
	const struct pk_services_head *head = (const void *)m->image.words;
	struct pk_rules rules = { .image = m->image.words, .words = m->image.count };
	struct tm_service_range *ranges;
	size_t range_count;

	assert_int_equal(tm_service_ranges(&ranges, &range_count, &m->image, ipv6, prefixes, prefix_count), 0);
	for (size_t i = 0; i < range_count; i++) {
		assert_true(memcmp(ranges[i].first, ranges[i].last, 16) <= 0);
		assert_true(!i || memcmp(ranges[i - 1].last, ranges[i].first, 16) < 0);
	}
	for (int i = 0; i < 500; i++) {
		uint32_t words[4] = { 0 }, root = ipv6 ? head->root6 : head->root4, set, found = 0;
		uint8_t addr[16];
		struct pk_key key = { 0 };

		for (int k = 0; k < (ipv6 ? 4 : 1); k++)
			words[k] = htonl(test_random() & 0xc0800003);
		memcpy(addr, words, 16);
		key.high = (uint64_t)ntohl(words[0]) << 32 | ntohl(words[1]);
		key.low = (uint64_t)ntohl(words[2]) << 32 | ntohl(words[3]);
		set = root ? pk_trie_find(&rules, root, key) : 0;
		for (size_t k = 0; k < range_count; k++)
			if (in_range(&ranges[k], addr)) {
				assert_int_equal(found, 0);
				found = ranges[k].set;
			}
		assert_int_equal(found, set);
	}
	free(ranges);
}

static void test_ranges(void **state)
{
	for (int round = 0; round < 200; round++) {
		char config[8192];
		size_t n = 0, prefix_count = 0;
		struct tm_prefix prefixes[64];
		struct made m;

		for (int b = 0; b < 3; b++) {
			n += (size_t)snprintf(config + n, sizeof(config) - n,
					      "protect b%d { ports = %d device = eth0 servers = {", b, 80 + b);
			for (int i = 0; i < 8; i++) {
				static const uint8_t lens[] = { 0, 1, 2, 8, 9, 31, 32, 32 };
				bool ipv6 = test_below(2);
				unsigned len = lens[test_below(8)] * (ipv6 ? 4 : 1);
				uint32_t words[4] = { 0 };
				char word[INET6_ADDRSTRLEN];

				for (unsigned k = 0; k < (ipv6 ? 4 : 1); k++) {
					uint32_t bits = test_random() & 0xc0800003;
					unsigned keep = len > 32 * k ? len - 32 * k : 0;

					words[k] = htonl(keep >= 32 ? bits : keep ? bits & ~(0xffffffff >> keep) : 0);
				}
				inet_ntop(ipv6 ? AF_INET6 : AF_INET, words, word, sizeof(word));
				n += (size_t)snprintf(config + n, sizeof(config) - n, "%s%s/%u", i ? "," : "", word,
						      len);
			}
			n += (size_t)snprintf(config + n, sizeof(config) - n, "} }\n");
		}
		make(&m, config);
		for (size_t b = 0; b < m.config.protect_count; b++)
			for (size_t i = 0; i < m.config.protects[b].server_count; i++)
				prefixes[prefix_count++] = m.config.protects[b].servers[i].range;
		check_ranges(&m, prefixes, prefix_count, false);
		check_ranges(&m, prefixes, prefix_count, true);
		unmake(&m);
	}
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_accelerated), cmocka_unit_test(test_alone), cmocka_unit_test(test_states),
	cmocka_unit_test(test_names),	    cmocka_unit_test(test_many),  cmocka_unit_test(test_ranges),
};

TEST_MAIN(group, NULL, NULL)
