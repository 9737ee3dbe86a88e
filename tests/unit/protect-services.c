/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image of protected services gives what a search through all blocks gives: the longest prefix that holds the server and whose block
 * has the port.
 */
#include "test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/clamp.h"
#include "lib/protect/services.h"

static bool covers(const struct tm_prefix *p, bool ipv6, const uint8_t *addr)
{
	unsigned bytes = p->len / 8, rest = p->len % 8;

	if (p->ipv6 != ipv6)
		return false;
	return !memcmp(p->addr, addr, bytes) && (!rest || !((p->addr[bytes] ^ addr[bytes]) >> (8 - rest)));
}

static bool has_port(const struct tm_config_protect *p, uint16_t port)
{
	for (size_t i = 0; i < p->port_count; i++)
		if (port >= p->ports[i].first && port <= p->ports[i].last)
			return true;
	return false;
}

static uint32_t search(const struct tm_config *c, bool ipv6, const uint8_t *addr, uint16_t port)
{
	uint32_t found = PK_NO_BLOCK;
	int len = -1;

	for (uint32_t b = 0; b < c->protect_count; b++) {
		const struct tm_config_protect *p = &c->protects[b];

		for (size_t i = 0; i < p->server_count && has_port(p, port); i++) {
			if (p->servers[i].range.len > len && covers(&p->servers[i].range, ipv6, addr)) {
				len = p->servers[i].range.len;
				found = b;
			}
		}
	}
	return found;
}

static struct tm_config parse(const char *text, bool *good)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config c;
	char told[600];
	int err = tm_config_parse(&c, "test", text, strlen(text), &errors);

	if (err && !good) {
		tm_config_error_text(told, sizeof(told), &errors.list[0]);
		fail_msg("refused: %s", told);
	}
	if (good)
		*good = !err;
	tm_config_errors_free(&errors);
	return c;
}

/* Block n has the number 63 - n in the image. */
static struct tm_image build(const struct tm_config *c)
{
	struct tm_service_block blocks[TM_PROTECT_BLOCKS] = { 0 };
	struct tm_image image;

	for (uint32_t i = 0; i < c->protect_count; i++)
		blocks[i] = (struct tm_service_block){ &c->protects[i], TM_PROTECT_BLOCKS - 1 - i };
	assert_int_equal(tm_services_build(&image, blocks, c->protect_count), 0);
	return image;
}

static void check(const struct tm_config *c, const struct tm_image *image, bool ipv6, const uint8_t *addr,
		  uint16_t port)
{
	uint32_t wanted = search(c, ipv6, addr, port), got = tm_services_find(image, ipv6, addr, port);

	if (wanted != PK_NO_BLOCK)
		wanted = TM_PROTECT_BLOCKS - 1 - wanted;
	if (wanted != got)
		fail_msg("%s %02x%02x%02x%02x… port %u: block %d, not %d", ipv6 ? "IPv6" : "IPv4", addr[0], addr[1],
			 addr[2], addr[3], port, (int)got, (int)wanted);
}

/* Few different bits, so that prefixes lie in each other. */
static void random_address(uint8_t *addr, bool ipv6)
{
	memset(addr, 0, 16);
	for (unsigned i = 0; i < (ipv6 ? 16 : 4); i++)
		addr[i] = (uint8_t)(test_below(2) * test_below(4) * 64 + test_below(3));
}

static char *put_random_block(char *end, unsigned number)
{
	unsigned servers = 1 + test_below(12), ports = 1 + test_below(5);
	uint8_t addr[16];
	char text[INET6_ADDRSTRLEN];

	end += sprintf(end, "protect b%u { device = x servers = {", number);
	for (unsigned i = 0; i < servers; i++) {
		bool ipv6 = test_below(2);
		unsigned len = test_below(ipv6 ? 129 : 33);

		random_address(addr, ipv6);
		for (unsigned bit = len; bit < 128; bit++)
			addr[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
		end += sprintf(end, "%s/%u,", inet_ntop(ipv6 ? AF_INET6 : AF_INET, addr, text, sizeof(text)), len);
	}
	end += sprintf(end, "} ports = {");
	for (unsigned i = 0; i < ports; i++) {
		unsigned first = 1 + test_below(30);

		end += test_below(20) ? sprintf(end, "%u-%u,", first, first + test_below(8)) : sprintf(end, "all,");
	}
	return end + sprintf(end, "} }\n");
}

static void test_random_blocks(void **state)
{
	unsigned sound = 0;

	for (unsigned round = 0; round < 3000; round++) {
		char text[64 * 1024], *end = text;
		struct tm_image image;
		struct tm_config c;
		uint8_t addr[16];
		bool good;

		*text = '\0';
		for (unsigned i = test_below(round % 10 ? 4 : 20); i; i--)
			end = put_random_block(end, i);
		c = parse(text, &good); /* some have the same service twice */
		sound += good;
		image = build(&c);
		for (unsigned i = 0; i < 200 && good; i++) {
			bool ipv6 = test_below(2);

			random_address(addr, ipv6);
			check(&c, &image, ipv6, addr, (uint16_t)(1 + test_below(40)));
		}
		tm_image_free(&image);
		tm_config_free(&c);
	}
	assert_true(sound > 1000);
}

static uint32_t find(const struct tm_image *image, const char *address, uint16_t port)
{
	uint8_t addr[16];
	bool ipv6 = strchr(address, ':');
	uint32_t block;

	assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, address, addr), 1);
	block = tm_services_find(image, ipv6, addr, port);
	return block == PK_NO_BLOCK ? block : TM_PROTECT_BLOCKS - 1 - block;
}

static void test_services(void **state)
{
	struct tm_config c = parse("protect a { servers = { 10.0.0.0/8, ::/0 } ports = { 80, 100-200 } device = x }"
				   "protect b { servers = 10.1.0.0/16 ports = { 443, 150 } device = x }"
				   "protect c { servers = { 10.1.2.0/24, 2001:db8::1 } ports = all device = x }"
				   "protect d { servers = 10.1.2.3 ports = { 1, 65535 } device = x }",
				   NULL);
	struct tm_image image = build(&c);
	const struct pk_services_head *head = (const struct pk_services_head *)image.words;

	assert_int_equal(find(&image, "10.9.0.1", 80), 0);
	assert_int_equal(find(&image, "10.9.0.1", 443), PK_NO_BLOCK);
	assert_int_equal(find(&image, "11.0.0.1", 80), PK_NO_BLOCK);
	assert_int_equal(find(&image, "10.1.0.1", 80), 0);
	assert_int_equal(find(&image, "10.1.0.1", 443), 1);
	assert_int_equal(find(&image, "10.1.0.1", 149), 0);
	assert_int_equal(find(&image, "10.1.0.1", 150), 1);
	assert_int_equal(find(&image, "10.1.0.1", 151), 0);
	assert_int_equal(find(&image, "10.1.0.1", 201), PK_NO_BLOCK);
	assert_int_equal(find(&image, "10.1.2.1", 443), 2);
	assert_int_equal(find(&image, "10.1.2.1", 80), 2);
	assert_int_equal(find(&image, "10.1.2.3", 1), 3);
	assert_int_equal(find(&image, "10.1.2.3", 2), 2);
	assert_int_equal(find(&image, "10.1.2.3", 65535), 3);
	assert_int_equal(find(&image, "10.1.2.3", 65534), 2);
	assert_int_equal(find(&image, "2001:db8::1", 443), 2);
	assert_int_equal(find(&image, "2001:db8::2", 443), PK_NO_BLOCK);
	assert_int_equal(find(&image, "::", 200), 0);
	assert_int_equal(head->set_count, 4); /* "c" is one chain, whatever lies around it */
	tm_image_free(&image);
	tm_config_free(&c);
}

/* The MTU of the longest route that holds an address; of equal ones the smallest, and any before none. */
static uint32_t search_routes(const struct tm_ruleset *routes, bool ipv6, const uint8_t *addr)
{
	const struct tm_prefix *best = NULL;

	for (size_t i = 0; i < routes->count; i++) {
		const struct tm_prefix *p = &routes->prefixes[i];

		if (covers(p, ipv6, addr) &&
		    (!best || p->len > best->len ||
		     (p->len == best->len && (uint16_t)(p->mtu - 1) < (uint16_t)(best->mtu - 1))))
			best = p;
	}
	return best ? best->mtu : 0;
}

static void test_routes(void **state)
{
	static const char text[] = "protect web { servers = {10.0.0.0/8, 2001:db8::/32} ports = 80 device = x }";
	unsigned found = 0;

	for (unsigned round = 0; round < 500; round++) {
		struct tm_config c = parse(text, NULL);
		struct tm_ruleset routes = { 0 };
		struct tm_image image = build(&c);
		struct pk_rules rules;
		uint8_t addr[16];

		for (unsigned i = test_below(30); i; i--) {
			struct tm_prefix p = { .ipv6 = test_below(2),
					       .mtu = test_below(3) ? 1000 + test_below(500) : 0 };

			random_address(p.addr, p.ipv6);
			p.len = test_below(p.ipv6 ? 129 : 33);
			assert_int_equal(tm_ruleset_add(&routes, &p), 0);
		}
		assert_int_equal(tm_services_add_routes(&image, &routes), 0);
		rules = tm_image_rules(&image);
		for (unsigned i = 0; i < 200; i++) {
			bool ipv6 = test_below(2);
			struct pk_key key;
			uint32_t mtu;

			random_address(addr, ipv6);
			key = (struct pk_key){ pk_get64(addr), pk_get64(addr + 8) };
			mtu = pk_service_route(&rules, ipv6 ? PK_IPV6 : PK_IPV4, key);
			assert_int_equal(mtu, search_routes(&routes, ipv6, addr));
			found += mtu != 0;
			check(&c, &image, ipv6, addr, 80);
		}
		tm_ruleset_free(&routes);
		tm_image_free(&image);
		tm_config_free(&c);
	}
	assert_true(found > 10000);
}

static void test_none(void **state)
{
	struct tm_config c = { 0 };
	struct tm_image image = build(&c);

	assert_int_equal(find(&image, "10.0.0.1", 80), PK_NO_BLOCK);
	assert_int_equal(find(&image, "::1", 80), PK_NO_BLOCK);
	tm_image_free(&image);
}

/* Ten thousand prefixes and two thousand ports in each of two blocks: they share sets, so the image stays small. */
static void test_many(void **state)
{
	char *text = malloc(2 * 10000 * 24 + 40000), *end = text;
	struct tm_image image;
	struct tm_config c;
	uint8_t addr[16] = { 0 };

	for (unsigned b = 0; b < 2; b++) {
		end += sprintf(end, "protect b%u { device = x servers = {", b);
		for (unsigned i = 0; i < 10000; i++)
			end += sprintf(end, "10.%u.%u.%u/%u,\n", i >> 8 & 255, i & 255, b * 128, b ? 25 : 24);
		end += sprintf(end, "} ports = {");
		for (unsigned i = 0; i < 2000; i++)
			end += sprintf(end, "%u,", (i + b * 1000) * 2 + 1);
		end += sprintf(end, "} }\n");
	}
	c = parse(text, NULL);
	image = build(&c);
	assert_true(image.count < 200000);
	for (unsigned i = 0; i < 200; i++) {
		addr[0] = 10;
		addr[1] = (uint8_t)test_below(50);
		addr[2] = (uint8_t)test_random();
		addr[3] = (uint8_t)test_random();
		check(&c, &image, false, addr, (uint16_t)(1 + test_below(7000)));
	}
	tm_image_free(&image);
	tm_config_free(&c);
	free(text);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_random_blocks), cmocka_unit_test(test_services), cmocka_unit_test(test_routes),
	cmocka_unit_test(test_none),	      cmocka_unit_test(test_many),
};

TEST_MAIN(tests, NULL, NULL)
