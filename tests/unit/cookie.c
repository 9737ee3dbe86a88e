/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers to SYNs with cookies: what is agreed on and told, and that the short way comes to what the long way does. Flows that are sampled.
 */
#include "test.h"

#include "protect/answer.h"

#include "core/sample.h"

#define L3 PK_ETH_HEADER
#define CLOCK 0x12345678

/* A SYN of a family with these options, and a right checksum; its length. */
static uint32_t make_syn(uint8_t *frame, uint8_t family, uint8_t flags, const uint8_t *options, uint32_t n)
{
	uint32_t ip = family == PK_IPV4 ? PK_IPV4_HEADER : PK_IPV6_HEADER, segment = PK_TCP_HEADER + n;
	uint8_t *tcp = frame + L3 + ip;
	struct pk_packet pk = { .l3 = L3,
				.l4 = L3 + ip,
				.segment = segment,
				.family = family,
				.pseudo_dst = L3 + (family == PK_IPV4 ? 16 : 24) };

	for (uint32_t i = 0; i < L3 + ip + segment; i++)
		frame[i] = test_random();
	pk_put16(frame + 12, family == PK_IPV4 ? PK_ETH_IPV4 : PK_ETH_IPV6);
	if (family == PK_IPV4) {
		frame[L3] = 0x45;
		pk_put16(frame + L3 + 2, ip + segment);
		pk_put16(frame + L3 + 6, 0x4000);
		frame[L3 + 9] = PK_PROTO_TCP;
	} else {
		frame[L3] = 0x60;
		pk_put16(frame + L3 + 4, segment);
		frame[L3 + 6] = PK_PROTO_TCP;
	}
	tcp[PK_TCP_OFFSET] = segment / 4 << 4;
	tcp[PK_TCP_FLAGS] = flags;
	if (n)
		memcpy(tcp + PK_TCP_HEADER, options, n);
	pk_put16(tcp + PK_TCP_CHECKSUM, 0);
	pk_put16(tcp + PK_TCP_CHECKSUM, ~answer_sum(frame, &pk));
	return L3 + ip + segment;
}

static const uint8_t usual[20] = { 2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7 };
static const uint8_t scale_first[20] = { 2, 4, 5, 180, 1, 3, 3, 7, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0 };
static const uint8_t no_sack[20] = { 2, 4, 5, 180, 1, 1, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7 };
static const struct pk_grant all = { 1400, 10, PK_OFFER_SACK | PK_OFFER_TIMESTAMPS | PK_OFFER_ECN };

/* The low bits of the timestamp of the answer to `usual`, or −1: it has none. */
static int bits(uint8_t flags, struct pk_grant g)
{
	uint8_t frame[128];
	uint32_t len = make_syn(frame, PK_IPV4, flags, usual, sizeof(usual));
	struct answer a = answer_long(frame, len, sizeof(frame), PK_LINK_ETHERNET, &g, 1, CLOCK);
	const uint8_t *tcp = frame + L3 + PK_IPV4_HEADER;

	assert_int_equal(a.reason, PK_PROTECT_ANSWERED);
	assert_int_equal(pk_get16(tcp + 22), g.mss);
	if (tcp[PK_TCP_OFFSET] == 0x60)
		return -1;
	assert_int_equal(pk_get32(tcp + 28) >> 6, CLOCK >> 6);
	assert_int_equal(!!(tcp[PK_TCP_FLAGS] & PK_TCP_ECE), !!(pk_get32(tcp + 28) & 32));
	return pk_get32(tcp + 28) & 63;
}

/* As synproxy_check_timestamp_cookie() reads them. */
static void test_bits(void **state)
{
	const uint8_t ecn = PK_TCP_SYN | PK_TCP_ECE | PK_TCP_CWR, times = PK_OFFER_TIMESTAMPS;

	assert_int_equal(bits(PK_TCP_SYN, all), 7 | 16);
	assert_int_equal(bits(ecn, all), 7 | 16 | 32);
	assert_int_equal(bits(PK_TCP_SYN | PK_TCP_ECE, all), 7 | 16);
	assert_int_equal(bits(ecn, (struct pk_grant){ 1400, 10, times }), 7);
	assert_int_equal(bits(ecn, (struct pk_grant){ 1400, PK_NO_WSCALE, times }), 15);
	assert_int_equal(bits(ecn, (struct pk_grant){ 1400, 10, PK_OFFER_SACK | PK_OFFER_ECN }), -1);
}

static struct pk_grant some_grant(void)
{
	return (struct pk_grant){ test_random(), test_below(3) ? test_below(15) : PK_NO_WSCALE, test_below(8) };
}

static void test_short_way(void **state)
{
	static const uint8_t *const lists[] = { usual, scale_first, no_sack };
	static const uint8_t flags[] = { PK_TCP_SYN, PK_TCP_SYN | PK_TCP_ECE | PK_TCP_CWR, PK_TCP_SYN | 8,
					 PK_TCP_SYN | PK_TCP_CWR };
	unsigned taken = 0, tried = 0;

	for (int i = 0; i < 100000; i++) {
		uint8_t family = test_below(2) ? PK_IPV4 : PK_IPV6, one[128], other[128], options[20];
		struct pk_grant g = test_below(4) ? all : some_grant();
		uint32_t cookie = test_random(), clock = test_random(), len;
		struct answer a;

		memcpy(options, lists[test_below(3)], sizeof(options));
		if (!test_below(3))
			options[test_below(20)] = test_random();
		if (!test_below(3))
			pk_put16(options + 2, test_random());
		len = make_syn(one, family, flags[test_below(4)], options, sizeof(options));
		if (!test_below(10))
			one[test_below(len)] ^= 1 << test_below(8);
		memcpy(other, one, len);
		a = answer_long(one, len, sizeof(one), PK_LINK_ETHERNET, &g, cookie, clock);
		if (a.reason == PK_PROTECT_ANSWERED && a.len == len && g.mss == all.mss)
			tried++;
		if (answer_short(other, len, PK_LINK_ETHERNET, &g, cookie, clock)) {
			taken++;
			assert_int_equal(a.reason, PK_PROTECT_ANSWERED);
			assert_int_equal(a.len, len);
			assert_memory_equal(one, other, len);
		}
	}
	assert_true(taken > 30000 && tried > 30000);
}

/* A SYN without options grows by an MSS; one that cannot grow stays as it is. */
static void test_growth(void **state)
{
	for (uint8_t family = PK_IPV4; family <= PK_IPV6; family++) {
		uint8_t frame[128], before[128];
		uint32_t len = make_syn(frame, family, PK_TCP_SYN, NULL, 0);
		struct answer a;

		memcpy(before, frame, len);
		a = answer_long(frame, len, len, PK_LINK_ETHERNET, &all, 1, CLOCK);
		assert_int_equal(a.reason, PK_PROTECT_FAILED);
		assert_memory_equal(frame, before, len);
		a = answer_long(frame, len, len + 4, PK_LINK_ETHERNET, &all, 1, CLOCK);
		assert_int_equal(a.reason, PK_PROTECT_ANSWERED);
		assert_int_equal(a.len, len + 4);
	}
}

/* One of 16, whatever it is in which flows differ; the seed decides which. */
static void test_sample(void **state)
{
	for (int kind = 0; kind < 4; kind++) {
		unsigned found = 0, both = 0;

		for (uint32_t i = 0; i < 160000; i++) {
			struct pk_key client = { kind == 0 ? (uint64_t)i << 32 : 0x0a000001ull << 32,
						 kind == 1 ? i : 0 };
			struct pk_key server = { 0x0a000002ull << 32, kind == 2 ? (uint64_t)i << 40 : 0 };
			uint32_t ports = kind == 3 ? i << 16 | 443 : 1024 << 16 | 443;
			bool hit = !(pk_sample_hash(0x123456789abcdef0, client, server, ports) & 15);

			found += hit;
			both += hit && !(pk_sample_hash(0xfedcba9876543210, client, server, ports) & 15);
		}
		assert_in_range(found, 9500, 10500);
		assert_in_range(both, 450, 800);
	}
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_bits),
	cmocka_unit_test(test_short_way),
	cmocka_unit_test(test_growth),
	cmocka_unit_test(test_sample),
};

TEST_MAIN(group, NULL, NULL)
