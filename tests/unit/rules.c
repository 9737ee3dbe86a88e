/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trie of an image gives what a linear search for the longest prefix gives, whatever the prefixes, and stays small.
 */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "lib/clamp.h"

/*
 * Words an image may take: the head, and for each prefix 5 in the list and its part of the trie. A trie of n leaves has less
 * than 2n edges; each takes a slot of a branch, of which a quarter is in use (of the smallest branch: two slots), and 3 words
 * for every 32 bits it skips.
 */
#define WORDS_HEAD (sizeof(struct pk_rules_head) / sizeof(uint32_t))
#define SLOTS_USED ((1 << PK_TRIE_MIN_STRIDE) / 2 > 4 ? (1 << PK_TRIE_MIN_STRIDE) / 2 : 4)
#define WORDS(n) (WORDS_HEAD + PK_TRIE_MAX_RANGES + (n) * (5 + 2 * SLOTS_USED + 3 + 4 * 3))

static bool covers(const struct tm_prefix *p, const uint8_t *addr)
{
	unsigned bytes = p->len / 8, rest = p->len % 8;

	return !memcmp(p->addr, addr, bytes) && (!rest || !((p->addr[bytes] ^ addr[bytes]) >> (8 - rest)));
}

/* The longest prefix that covers the address; of equals the smallest MTU. 0: none. */
static unsigned search(const struct tm_ruleset *set, bool ipv6, const uint8_t *addr)
{
	unsigned mtu = 0;
	int len = -1;

	for (size_t i = 0; i < set->count; i++) {
		const struct tm_prefix *p = &set->prefixes[i];

		if (p->ipv6 != ipv6 || p->len < len || !covers(p, addr))
			continue;
		if (p->len > len || p->mtu < mtu)
			mtu = p->mtu;
		len = p->len;
	}
	return mtu;
}

static unsigned find(const struct tm_image *image, bool ipv6, const uint8_t *addr)
{
	const struct pk_rules_head *head = tm_image_head(image);
	struct pk_rules rules = tm_image_rules(image);

	return pk_trie_find(&rules, ipv6 ? head->root6 : head->root4,
			    (struct pk_key){ pk_get64(addr), pk_get64(addr + 8) });
}

static void check(const struct tm_ruleset *set, const struct tm_image *image, bool ipv6, const uint8_t *addr)
{
	unsigned wanted = search(set, ipv6, addr), got = find(image, ipv6, addr);
	char text[INET6_ADDRSTRLEN];

	if (wanted != got)
		fail_msg("%s among %zu prefixes: %u, not %u",
			 inet_ntop(ipv6 ? AF_INET6 : AF_INET, addr, text, sizeof(text)), set->count, got, wanted);
}

static void step(uint8_t *addr, unsigned bytes, int by)
{
	for (unsigned i = bytes; i-- > 0;) {
		addr[i] += by;
		if (addr[i] != (by > 0 ? 0 : 0xff))
			return;
	}
}

/* First and last address of a prefix, their neighbours, and one inside. */
static void check_edges(const struct tm_ruleset *set, const struct tm_image *image, const struct tm_prefix *p)
{
	unsigned bytes = p->ipv6 ? 16 : 4;
	uint8_t first[16], last[16], other[16] = { 0 };

	memcpy(first, p->addr, 16);
	memcpy(last, p->addr, 16);
	for (unsigned bit = p->len; bit < bytes * 8; bit++) {
		last[bit / 8] |= 0x80 >> bit % 8;
		if (test_random() & 1)
			first[bit / 8] |= 0x80 >> bit % 8;
	}
	check(set, image, p->ipv6, first);
	check(set, image, p->ipv6, p->addr);
	check(set, image, p->ipv6, last);
	memcpy(other, p->addr, bytes);
	step(other, bytes, -1);
	check(set, image, p->ipv6, other);
	memcpy(other, last, bytes);
	step(other, bytes, 1);
	check(set, image, p->ipv6, other);
}

static void random_address(uint8_t *addr, bool ipv6)
{
	memset(addr, 0, 16);
	for (unsigned i = 0; i < (ipv6 ? 16 : 4); i++)
		addr[i] = test_random();
}

static void add(struct tm_ruleset *set, bool ipv6, const uint8_t *addr, unsigned len, unsigned mtu)
{
	struct tm_prefix p = { .len = len, .ipv6 = ipv6, .mtu = mtu };

	memcpy(p.addr, addr, ipv6 ? 16 : 4);
	assert_int_equal(tm_ruleset_add(set, &p), 0);
}

static unsigned random_mtu(void)
{
	return TM_MTU_MIN + test_below(TM_MTU_MAX - TM_MTU_MIN + 1);
}

static void build(struct tm_image *image, const struct tm_ruleset *set)
{
	assert_int_equal(tm_image_build(image, set), 0);
	assert_int_equal(tm_image_head(image)->words, image->count);
	if (image->count > WORDS(set->count))
		fail_msg("%u words for %zu prefixes", image->count, set->count);
}

/* Builds, looks around `edges` of the prefixes and at as many random addresses, and frees the set. */
static void check_set(struct tm_ruleset *set, unsigned edges)
{
	struct tm_image image;
	uint8_t addr[16];

	build(&image, set);
	for (unsigned i = 0; i < edges; i++) {
		if (set->count)
			check_edges(set, &image,
				    &set->prefixes[edges < set->count ? test_below(set->count) : i % set->count]);
		random_address(addr, i & 1);
		check(set, &image, i & 1, addr);
	}
	tm_image_free(&image);
	tm_ruleset_free(set);
}

static void test_none(void **state)
{
	struct tm_ruleset set = { 0 };
	struct tm_image image;

	build(&image, &set);
	assert_int_equal(tm_image_head(&image)->root4, 0);
	assert_int_equal(tm_image_head(&image)->root6, 0);
	tm_image_free(&image);
	check_set(&set, 100);
}

static void test_one(void **state)
{
	for (unsigned len = 0; len <= 128; len++) {
		for (int ipv6 = len > 32; ipv6 < 2; ipv6++) {
			struct tm_ruleset set = { 0 };
			uint8_t addr[16];

			random_address(addr, ipv6);
			add(&set, ipv6, addr, len, random_mtu());
			check_set(&set, 20);
		}
	}
}

/* A prefix is of one family: 0.0.0.0/0 says nothing of IPv6. */
static void test_families_are_apart(void **state)
{
	static const uint8_t zero[16];
	struct tm_ruleset set = { 0 };
	struct tm_image image;

	add(&set, false, zero, 0, 1400);
	build(&image, &set);
	assert_int_equal(find(&image, false, zero), 1400);
	assert_int_equal(find(&image, true, zero), 0);
	tm_image_free(&image);
	add(&set, true, zero, 0, 1300);
	build(&image, &set);
	assert_int_equal(find(&image, false, zero), 1400);
	assert_int_equal(find(&image, true, zero), 1300);
	tm_image_free(&image);
	tm_ruleset_free(&set);
}

static void test_duplicates(void **state)
{
	static const uint8_t addr[16] = { 10, 1, 2, 3 };
	struct tm_ruleset set = { 0 };
	struct tm_image image;

	add(&set, false, addr, 24, 1400);
	add(&set, false, addr, 24, 1300);
	add(&set, false, addr, 24, 1500);
	build(&image, &set);
	assert_int_equal(find(&image, false, addr), 1300);
	assert_int_equal(tm_image_head(&image)->prefixes4, 1);
	tm_image_free(&image);
	tm_ruleset_free(&set);
}

/* Bits behind the length do not count. */
static void test_host_bits(void **state)
{
	static const uint8_t dirty[16] = { 10, 1, 2, 3 }, other[16] = { 10, 255 };
	struct tm_ruleset set = { 0 };
	struct tm_image image;

	add(&set, false, dirty, 8, 1400);
	build(&image, &set);
	assert_int_equal(find(&image, false, other), 1400);
	tm_image_free(&image);
	tm_ruleset_free(&set);
}

/* The longest way through a trie: a prefix of every length along one address, in every order of who is on the way. */
static void test_chains(void **state)
{
	for (unsigned round = 0; round < 24; round++) {
		struct tm_ruleset set = { 0 };
		bool ipv6 = round & 1;
		uint8_t addr[16];

		random_address(addr, ipv6);
		if (round < 4)
			memset(addr, round < 2 ? 0 : 0xff, ipv6 ? 16 : 4);
		for (unsigned len = round % 3; len <= (ipv6 ? 128 : 32); len += 1 + round / 12)
			add(&set, ipv6, addr, len, 1000 + len);
		check_set(&set, 2000);
	}
}

/* A chain with a neighbour at every bit: every level is a branch. */
static void test_combs(void **state)
{
	for (unsigned round = 0; round < 8; round++) {
		struct tm_ruleset set = { 0 };
		bool ipv6 = round & 1;
		uint8_t addr[16];

		random_address(addr, ipv6);
		for (unsigned len = 1; len <= (ipv6 ? 128 : 32); len++) {
			uint8_t side[16];

			memcpy(side, addr, 16);
			side[(len - 1) / 8] ^= 0x80 >> (len - 1) % 8;
			add(&set, ipv6, side, len, 1000 + len);
			if (round & 2)
				add(&set, ipv6, side, ipv6 ? 128 : 32, 2000 + len);
		}
		check_set(&set, 2000);
	}
}

/* Many prefixes of few kinds. `spread`: how many different values the first bytes have; 0: any. */
static void fill(struct tm_ruleset *set, unsigned n, unsigned spread, unsigned min4, unsigned min6)
{
	for (unsigned i = 0; i < n; i++) {
		bool ipv6 = test_random() & 1;
		unsigned bits = ipv6 ? 128 : 32, min = ipv6 ? min6 : min4;
		uint8_t addr[16];

		random_address(addr, ipv6);
		for (unsigned b = 0; spread && b < (ipv6 ? 12 : 3); b++)
			addr[b] = test_below(spread) * 85;
		add(set, ipv6, addr, min + test_below(bits - min + 1), random_mtu());
	}
}

static void test_random_sets(void **state)
{
	for (unsigned round = 0; round < 400; round++) {
		struct tm_ruleset set = { 0 };

		fill(&set, test_below(60), test_below(3), test_below(33), test_below(129));
		check_set(&set, 60);
	}
}

static void test_nested_sets(void **state)
{
	for (unsigned round = 0; round < 100; round++) {
		struct tm_ruleset set = { 0 };
		uint8_t base[16];

		random_address(base, true);
		for (unsigned i = 0; i < 200; i++) {
			bool ipv6 = i & 1;
			uint8_t addr[16];
			unsigned keep = test_below(ipv6 ? 129 : 33);

			random_address(addr, ipv6);
			for (unsigned bit = 0; bit < keep; bit++) {
				addr[bit / 8] &= ~(0x80 >> bit % 8);
				addr[bit / 8] |= base[bit / 8] & 0x80 >> bit % 8;
			}
			add(&set, ipv6, addr, test_below(ipv6 ? 129 : 33), random_mtu());
		}
		check_set(&set, 100);
	}
}

/* All addresses of a /16, so that strides are at their widest. */
static void test_dense(void **state)
{
	struct tm_ruleset set = { 0 };

	for (unsigned i = 0; i < 65536; i++) {
		uint8_t addr[16] = { 198, 18, i >> 8, i & 0xff };

		if (i % 7)
			add(&set, false, addr, 32, 1000 + i % 500);
	}
	check_set(&set, 200);
}

/* The same sets as the packet path will see them: 100 000 prefixes and a default for both families. */
static void test_many(void **state)
{
	static const struct {
		unsigned spread, min4, min6;
	} kinds[] = { { 0, 24, 48 }, { 2, 8, 16 }, { 4, 32, 128 }, { 0, 1, 1 } };
	static const uint8_t zero[16];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct tm_ruleset set = { 0 };

		fill(&set, 100000, kinds[i].spread, kinds[i].min4, kinds[i].min6);
		add(&set, false, zero, 0, 1500);
		add(&set, true, zero, 0, 1400);
		check_set(&set, 100);
	}
}

/* Pairs that part at the last bit, far from each other: much to skip, little to share. */
static void test_memory_of_pairs(void **state)
{
	struct tm_ruleset set = { 0 };
	struct tm_image image;
	uint8_t addr[16];

	for (unsigned i = 0; i < 20000; i++) {
		random_address(addr, true);
		add(&set, true, addr, 128, 1400);
		addr[15] ^= 1;
		add(&set, true, addr, 128, 1300);
	}
	build(&image, &set);
	print_message("# %.1f words a prefix\n", (image.count - WORDS_HEAD) / 40000.0);
	tm_image_free(&image);
	tm_ruleset_free(&set);
}

/* The image keeps the prefixes for people to read, each once. */
static void test_list(void **state)
{
	struct tm_ruleset set = { 0 };
	const struct pk_rules_head *head;
	const struct pk_prefix *list;
	struct tm_image image;

	fill(&set, 1000, 2, 1, 1);
	build(&image, &set);
	head = tm_image_head(&image);
	list = (const struct pk_prefix *)(image.words + head->list);
	assert_true(head->list + (head->prefixes4 + head->prefixes6) * PK_PREFIX_WORDS <= image.count);
	for (unsigned i = 0; i < head->prefixes4 + head->prefixes6; i++) {
		struct tm_prefix p = { .len = list[i].len, .ipv6 = i >= head->prefixes4, .mtu = list[i].mtu };
		bool found = false;

		memcpy(p.addr, list[i].addr, 16);
		for (size_t j = 0; j < set.count; j++) {
			const struct tm_prefix *q = &set.prefixes[j];

			found |= q->len == p.len && q->ipv6 == p.ipv6 && q->mtu == p.mtu && covers(q, p.addr);
		}
		assert_true(found);
	}
	tm_image_free(&image);
	tm_ruleset_free(&set);
}

/* Whether the set has this very prefix, with whatever MTU. */
static bool has(const struct tm_ruleset *set, const struct tm_prefix *p)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct tm_prefix *q = &set->prefixes[i];

		if (q->ipv6 == p->ipv6 && q->len == p->len && covers(q, p->addr))
			return true;
	}
	return false;
}

/* Routes are a trie of their own; leaving out those that do not matter changes nothing that is found. */
static void test_routes(void **state)
{
	for (unsigned round = 0; round < 200; round++) {
		struct tm_ruleset all = { 0 }, reduced = { 0 }, material = { 0 }, set = { .routes = &reduced };
		struct pk_rules rules;
		struct tm_image image;

		fill(&material, test_below(100), test_below(4), test_below(33), test_below(100));
		for (size_t i = 0; i < material.count; i++) {
			struct tm_prefix *p = &material.prefixes[i];

			if (has(&all, p))
				continue;
			p->mtu = test_below(4) ? 0 : p->mtu;
			assert_int_equal(tm_ruleset_add(&all, p), 0);
			assert_int_equal(tm_ruleset_add(&reduced, p), 0);
		}
		tm_routes_reduce(&reduced);
		assert_true(reduced.count <= all.count);
		assert_int_equal(tm_image_build(&image, &set), 0);
		assert_int_equal(tm_image_head(&image)->root4 | tm_image_head(&image)->root6, 0);
		rules = tm_image_rules(&image);
		for (unsigned i = 0; i < 200; i++) {
			bool ipv6 = i & 1;
			uint8_t addr[16];
			const uint8_t *a = addr;
			unsigned got;

			random_address(addr, ipv6);
			if (all.count && i & 2) {
				const struct tm_prefix *p = &all.prefixes[test_below(all.count)];

				a = p->addr;
				ipv6 = p->ipv6;
			}
			got = pk_trie_find(&rules,
					   ipv6 ? tm_image_head(&image)->routes6 : tm_image_head(&image)->routes4,
					   (struct pk_key){ pk_get64(a), pk_get64(a + 8) });
			assert_int_equal(got, search(&all, ipv6, a));
		}
		tm_image_free(&image);
		tm_ruleset_free(&all);
		tm_ruleset_free(&reduced);
		tm_ruleset_free(&material);
	}
}

static void test_hooks_are_copied(void **state)
{
	struct tm_ruleset set = { .hooks[0].mss = 1400, .hooks[PK_HOOKS - 1] = { .mtu = 1492, .flags = PK_HOOK_AUTO } };
	struct tm_image image;

	build(&image, &set);
	assert_memory_equal(tm_image_head(&image)->hooks, set.hooks, sizeof(set.hooks));
	tm_image_free(&image);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_none),
	cmocka_unit_test(test_one),
	cmocka_unit_test(test_families_are_apart),
	cmocka_unit_test(test_duplicates),
	cmocka_unit_test(test_host_bits),
	cmocka_unit_test(test_chains),
	cmocka_unit_test(test_combs),
	cmocka_unit_test(test_random_sets),
	cmocka_unit_test(test_nested_sets),
	cmocka_unit_test(test_dense),
	cmocka_unit_test(test_many),
	cmocka_unit_test(test_memory_of_pairs),
	cmocka_unit_test(test_list),
	cmocka_unit_test(test_routes),
	cmocka_unit_test(test_hooks_are_copied),
};

TEST_MAIN(group, NULL, NULL)
