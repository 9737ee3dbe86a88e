/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clearing DF: of random IPv4 headers at random places.
 */
#include "test.h"

#include <string.h>

#include "lib/view.h"

#include "core/df.h"

#define ROOM 100

static bool right(const uint8_t *ip, unsigned header)
{
	return pk_sum_words(ip, header) == 0xffff;
}

static void test_headers(void **state)
{
	unsigned cleared = 0, given = 0;

	for (int i = 0; i < 100000; i++) {
		unsigned l3 = test_below(30), words = 5 + test_below(11), header = 4 * words;
		uint8_t frame[ROOM], before[ROOM], *ip = frame + l3;
		struct pk_view v = { .frame = frame, .len = ROOM, .room = ROOM };
		uint16_t id = test_below(3) ? test_random() : 0, flags, spare = test_random();
		bool broken = !test_below(10), df;

		for (unsigned n = 0; n < ROOM; n++)
			frame[n] = test_random();
		ip[0] = 0x40 | words;
		pk_put16(ip + 4, id);
		pk_put16(ip + 10, 0);
		pk_put16(ip + 10, ~pk_sum_words(ip, header) ^ broken);
		memcpy(before, frame, ROOM);
		flags = pk_get16(ip + 6);
		df = flags & PK_IPV4_DF;
		assert_int_equal(pk_clear_df(&v, l3, spare), df);
		if (!df) {
			assert_memory_equal(frame, before, ROOM);
			continue;
		}
		cleared++;
		given += !id;
		assert_int_equal(pk_get16(ip + 6), flags & ~PK_IPV4_DF);
		assert_int_equal(pk_get16(ip + 4), id ? id : spare ? spare : 1);
		assert_int_equal(right(ip, header), !broken); /* a wrong one stays as wrong as it was */
		memcpy(ip + 4, before + l3 + 4, 4);
		memcpy(ip + 10, before + l3 + 10, 2);
		assert_memory_equal(frame, before, ROOM); /* nothing else was touched */
	}
	assert_true(cleared > 40000 && given > 10000);
}

static void test_cut(void **state)
{
	uint8_t frame[20] = { 0x45, [6] = 0x40 };
	struct pk_view v = { .frame = frame, .len = 11, .room = 11 };

	assert_false(pk_clear_df(&v, 0, 1));
	assert_int_equal(frame[6], 0x40);
	v.len = 20;
	assert_true(pk_clear_df(&v, 0, 0));
	assert_int_equal(pk_get16(frame + 4), 1);
}

static void test_length(void **state)
{
	uint8_t frame[64] = { 0x45, 0, 0x05, 0xdc };
	struct pk_view v = { .frame = frame, .len = 64, .room = 64 };
	struct pk_packet pk = { .l4 = 20, .family = PK_IPV4, .protocol = PK_PROTO_TCP };

	frame[32] = 0x80;
	assert_int_equal(pk_ipv4_length(&v, &pk, 0), 1500);
	assert_int_equal(pk_ipv4_length(&v, &pk, 1000), 20 + 32 + 1000);
	pk.protocol = 17;
	assert_int_equal(pk_ipv4_length(&v, &pk, 1000), 20 + 8 + 1000);
	frame[2] = frame[3] = 0; /* longer than the field can tell */
	assert_int_equal(pk_ipv4_length(&v, &pk, 0), 64);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_headers),
	cmocka_unit_test(test_cut),
	cmocka_unit_test(test_length),
};

TEST_MAIN(group, NULL, NULL)
