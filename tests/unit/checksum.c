/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Incremental updates of checksums give what computing them anew gives: at the values where RFC 1141 went wrong, at odd
 * offsets, and through whole frames. What was wrong stays exactly as wrong.
 */
#include "test.h"

#include <string.h>

#include "lib/clamp.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The slow and sure way: RFC 1071, a byte at a time. Never 0 for data that is not all zero. */
static uint32_t sum_bytes(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i++) {
		sum += i & 1 ? p[i] : p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

static const uint16_t edges[] = { 0x0000, 0x0001, 0x00ff, 0x0100, 0x7fff, 0x8000,
				  0xfeff, 0xff00, 0xfffe, 0xffff, 1460,	  0x1234 };

static void test_fold(void **state)
{
	assert_int_equal(pk_fold(0), 0);
	assert_int_equal(pk_fold(0xffff), 0xffff);
	assert_int_equal(pk_fold(0x10000), 1);
	assert_int_equal(pk_fold(0x1fffe), 0xffff);
	assert_int_equal(pk_fold(0xffffffff), 0xffff);
	assert_int_equal(pk_fold(0xffff0001), 1);
	for (unsigned i = 0; i < 100000; i++) {
		uint32_t sum = test_random();

		assert_int_equal(pk_fold(sum) % 0xffff, sum % 0xffff);
		assert_true(!sum == !pk_fold(sum));
	}
}

/* RFC 1624, section 4: the example where eqn. 4 gives 0xffff and must give 0x0000. */
static void test_example_of_rfc1624(void **state)
{
	struct pk_checksum_edit e = { .field = 0xdd2f, .data = pk_sum_change(0x5555, 0x3285, false) };

	assert_int_equal(pk_checksum_edited(&e), 0x0000);
}

/* A word at `at` of a random block changes; `n` may be odd, too. */
static void change(unsigned n, unsigned at, uint16_t old, uint16_t new)
{
	uint8_t block[80] = { 0 };
	struct pk_checksum_edit e = { 0 };

	for (unsigned i = 0; i < n; i++)
		block[i] = test_random();
	block[at == 0 ? 2 : 0] |= 1; /* not all zero, as no segment with its pseudo-header is */
	pk_put16(block + at, old);
	e.field = ~sum_bytes(block, n, 0);
	e.data = pk_sum_change(old, new, at & 1);
	pk_put16(block + at, new);
	if (pk_checksum_edited(&e) != (uint16_t)~sum_bytes(block, n, 0))
		fail_msg("%u bytes, at %u: %04x to %04x", n, at, old, new);
}

static void test_against_computing_anew(void **state)
{
	for (size_t i = 0; i < COUNT(edges); i++)
		for (size_t j = 0; j < COUNT(edges); j++)
			for (unsigned at = 4; at < 10; at++)
				for (unsigned n = 20; n < 24; n++)
					change(n, at, edges[i], edges[j]);
	for (unsigned i = 0; i < 500000; i++) {
		unsigned n = 8 + test_below(70);

		change(n, test_below(n - 1), test_random(), test_random());
	}
}

/* For every value of the field, right or wrong, the error stays the same. */
static void test_wrong_stays_as_wrong(void **state)
{
	for (unsigned field = 0; field <= 0xffff; field++) {
		uint16_t old = field & 2 ? edges[field % COUNT(edges)] : test_random();
		uint16_t new = field & 4 ? edges[field / 7 % COUNT(edges)] : test_random();
		struct pk_checksum_edit e = { .field = field, .data = pk_sum_change(old, new, field & 1) };
		bool odd = field & 1;
		uint32_t was = field + (odd ? pk_swap16(old) : old);
		uint32_t is = pk_checksum_edited(&e) + (odd ? pk_swap16(new) : new);

		assert_int_equal(was % 0xffff, is % 0xffff);
	}
}

static void test_pending(void **state)
{
	struct pk_checksum_edit in_place = { .state = PK_SUM_PARTIAL, .field = 0x1234, .data = 0xabcd };
	struct pk_checksum_edit longer = { .state = PK_SUM_PARTIAL, .field = 0xfffe, .data = 0xabcd, .pseudo = 4 };

	assert_int_equal(pk_checksum_edited(&in_place), 0x1234);
	assert_int_equal(pk_checksum_edited(&longer), 3);
}

/* ---- whole segments */

/* An IPv4 or IPv6 packet with a SYN in it: `options` bytes of NOPs and payload behind, everything else random. */
static uint32_t make(uint8_t *p, bool ipv6, unsigned options, unsigned payload, struct pk_packet *pk)
{
	unsigned l4 = ipv6 ? 40 : 20, segment = 20 + options + payload, len = l4 + segment;

	for (unsigned i = 0; i < len; i++)
		p[i] = test_random();
	p[0] = ipv6 ? 0x60 : 0x45;
	pk_put16(p + (ipv6 ? 4 : 2), ipv6 ? segment : len);
	p[ipv6 ? 6 : 9] = PK_PROTO_TCP;
	if (!ipv6)
		pk_put16(p + 6, 0);
	p[l4 + PK_TCP_OFFSET] = (5 + options / 4) << 4;
	p[l4 + PK_TCP_FLAGS] = PK_TCP_SYN;
	memset(p + l4 + 20, PK_OPT_NOP, options);
	*pk = (struct pk_packet){ .l4 = l4,
				  .segment = segment,
				  .family = ipv6 ? PK_IPV6 : PK_IPV4,
				  .protocol = PK_PROTO_TCP,
				  .pseudo_dst = ipv6 ? 24 : 16 };
	return len;
}

static uint32_t pseudo_sum(const uint8_t *p, const struct pk_packet *pk)
{
	unsigned n = pk->family == PK_IPV6 ? 16 : 4, src = pk->family == PK_IPV6 ? 8 : 12;
	uint8_t tail[4] = { pk->segment >> 8, pk->segment & 0xff, 0, PK_PROTO_TCP };

	return sum_bytes(tail, 4, sum_bytes(p + pk->pseudo_dst, n, sum_bytes(p + src, n, 0)));
}

/* Makes the segment's checksum right, and returns it. */
static uint16_t seal(uint8_t *p, const struct pk_packet *pk)
{
	uint16_t field;

	pk_put16(p + pk->l4 + PK_TCP_CHECKSUM, 0);
	field = ~sum_bytes(p + pk->l4, pk->segment, pseudo_sum(p, pk));
	pk_put16(p + pk->l4 + PK_TCP_CHECKSUM, field);
	return field;
}

static void test_state_of_a_segment(void **state)
{
	uint8_t p[1500];

	for (unsigned i = 0; i < 3000; i++) {
		struct pk_packet pk;
		struct pk_view v = { .frame = p };
		uint16_t field, pending;

		v.len = v.room = make(p, i & 1, i % 11 * 4, i % 101, &pk);
		field = seal(p, &pk);
		assert_int_equal(pk_checksum_state(&v, &pk, field), PK_SUM_WHOLE);
		pending = pk_fold(pseudo_sum(p, &pk));
		pk_put16(p + pk.l4 + PK_TCP_CHECKSUM, pending);
		assert_int_equal(pk_checksum_state(&v, &pk, pending), pending == field ? PK_SUM_WHOLE : PK_SUM_PARTIAL);
		pk.more_fragments = true;
		assert_int_equal(pk_checksum_state(&v, &pk, pending), PK_SUM_WHOLE);
		pk.more_fragments = false;
		field = ~pending;
		pk_put16(p + pk.l4 + PK_TCP_CHECKSUM, field);
		assert_int_equal(pk_checksum_state(&v, &pk, field), PK_SUM_WHOLE);
	}
}

/* A right checksum that happens to equal the pseudo-header's sum is a checksum. */
static void test_right_and_like_pending(void **state)
{
	uint8_t p[200];

	for (unsigned i = 0; i < 200; i++) {
		unsigned payload = 2 + i % 60;
		struct pk_packet pk;
		struct pk_view v = { .frame = p };
		uint16_t pending;

		v.len = v.room = make(p, i & 1, 0, payload, &pk);
		pending = pk_fold(pseudo_sum(p, &pk));
		/* the urgent pointer makes up for all that the sum of the segment lacks */
		pk_put16(p + pk.l4 + 18, 0);
		pk_put16(p + pk.l4 + PK_TCP_CHECKSUM, pending);
		pk_put16(p + pk.l4 + 18, ~sum_bytes(p + pk.l4, pk.segment, pending));
		assert_int_equal(seal(p, &pk), pending);
		assert_int_equal(pk_checksum_state(&v, &pk, pending), PK_SUM_WHOLE);
	}
}

/* An MSS option at every offset of the list, odd ones too: the segment verifies before and after. */
static void test_clamp_at_every_offset(void **state)
{
	static const uint16_t values[] = { 1461, 0xffff, 0xfffe, 0xff00, 9000, 65495 };
	struct tm_ruleset set = { 0 };
	uint8_t p[200], before[200];
	struct tm_image image;

	for (unsigned i = 0; i < 6000; i++) {
		uint16_t limit = i % 3 ? 32 + test_below(1400) : edges[i % COUNT(edges)] | 0x20;
		unsigned at = 20 + i % 37, wrong = i & 64 ? 1 + test_below(0xfffe) : 0;
		struct pk_packet pk;
		struct pk_result r;
		uint32_t len, was, is;
		struct tm_rules rules = { .hook = 0 };

		set.hooks[0].mss = limit;
		assert_int_equal(tm_image_build(&image, &set), 0);
		rules.image = tm_image_rules(&image);
		len = make(p, i & 1, 40, i % 5, &pk);
		p[pk.l4 + at] = PK_OPT_MSS;
		p[pk.l4 + at + 1] = 4;
		pk_put16(p + pk.l4 + at + 2, values[i % COUNT(values)]);
		pk_put16(p + pk.l4 + PK_TCP_CHECKSUM, seal(p, &pk) + wrong);
		was = sum_bytes(p + pk.l4, pk.segment, pseudo_sum(p, &pk));
		memcpy(before, p, len);
		r = tm_clamp_frame(&rules, PK_LINK_RAW, p, &len, len);
		is = sum_bytes(p + pk.l4, pk.segment, pseudo_sum(p, &pk));
		tm_image_free(&image);
		if (values[i % COUNT(values)] <= limit) {
			assert_int_equal(r.reason, PK_WITHIN_LIMIT);
			assert_memory_equal(p, before, len);
			continue;
		}
		assert_int_equal(r.reason, PK_CLAMPED);
		assert_int_equal(pk_get16(p + pk.l4 + at + 2), limit);
		if (r.also & 1u << PK_CHECKSUM_PARTIAL) { /* a wrong one that is the pseudo-header's sum */
			assert_true(wrong);
			assert_int_equal(pk_get16(p + pk.l4 + PK_TCP_CHECKSUM),
					 pk_get16(before + pk.l4 + PK_TCP_CHECKSUM));
		} else {
			assert_int_equal(was % 0xffff, is % 0xffff);
		}
		if (!wrong)
			assert_int_equal(pk_get16(p + pk.l4 + PK_TCP_CHECKSUM), seal(p, &pk));
	}
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_fold),
	cmocka_unit_test(test_example_of_rfc1624),
	cmocka_unit_test(test_against_computing_anew),
	cmocka_unit_test(test_wrong_stays_as_wrong),
	cmocka_unit_test(test_pending),
	cmocka_unit_test(test_state_of_a_segment),
	cmocka_unit_test(test_right_and_like_pending),
	cmocka_unit_test(test_clamp_at_every_offset),
};

TEST_MAIN(group, NULL, NULL)
