/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Repairing timestamp echoes: of random segments, wherever their option stands.
 */
#include "test.h"

#include <string.h>

#include "lib/view.h"

#include "core/echo.h"

#define ROOM 128

enum seal { RIGHT, PENDING, WRONG };

/* From the pseudo-header to the end. */
static uint16_t sum(const uint8_t *ip, const uint8_t *tcp, uint32_t len)
{
	uint32_t s = PK_PROTO_TCP + len + pk_sum_words(ip + 12, 8);

	for (uint32_t at = 0; at < len; at++)
		s += at & 1 ? tcp[at] : tcp[at] << 8;
	return pk_fold(s);
}

/* NOPs before the option and behind it; returns the offset of the echo in the header. */
static uint32_t put_timestamps(uint8_t *tcp, uint32_t header)
{
	uint32_t at = PK_TCP_HEADER + test_below(header - PK_TCP_HEADER - PK_OPT_TIMESTAMPS_LEN + 1);

	memset(tcp + PK_TCP_HEADER, PK_OPT_NOP, header - PK_TCP_HEADER);
	tcp[at] = PK_OPT_TIMESTAMPS;
	tcp[at + 1] = PK_OPT_TIMESTAMPS_LEN;
	for (uint32_t i = 2; i < PK_OPT_TIMESTAMPS_LEN; i++)
		tcp[at + i] = test_random();
	return at + 6;
}

static void test_segments(void **state)
{
	unsigned kinds[3] = { 0 };

	for (int i = 0; i < 100000; i++) {
		uint8_t frame[ROOM], before[ROOM], *ip = frame + test_below(3), *tcp = ip + 20;
		uint32_t header = 32 + 4 * test_below(8), payload = test_below(20), len = header + payload, at;
		struct pk_packet pk = { .l3 = ip - frame,
					.l4 = tcp - frame,
					.pseudo_dst = ip + 16 - frame,
					.family = PK_IPV4,
					.protocol = PK_PROTO_TCP };
		struct pk_view v = { .frame = frame, .len = pk.l4 + len, .room = pk.l4 + len };
		struct pk_tcp copy = {};
		struct pk_offer offer;
		enum seal seal = test_below(3);
		uint32_t echo = test_below(8) ? test_random() : 0, was;
		uint16_t pseudo;

		for (int n = 0; n < ROOM; n++)
			frame[n] = test_random();
		ip[0] = 0x45;
		pk_put16(ip + 2, 20 + len);
		tcp[PK_TCP_OFFSET] = header << 2;
		at = put_timestamps(tcp, header);
		pseudo = pk_fold(PK_PROTO_TCP + len + pk_sum_words(ip + 12, 8));
		pk_put16(tcp + PK_TCP_CHECKSUM, 0);
		pk_put16(tcp + PK_TCP_CHECKSUM,
			 seal == PENDING ? pseudo : (uint16_t)(~sum(ip, tcp, len) + (seal == WRONG)));
		was = sum(ip, tcp, len);
		if ((seal == PENDING && !(was % 0xffff)) ||
		    (seal == WRONG && pk_get16(tcp + PK_TCP_CHECKSUM) == pseudo))
			continue; /* by chance it looks like another one */
		memcpy(before, frame, ROOM);

		assert_int_equal(pk_parse_tcp(&v, &pk, &copy), PK_GO_ON);
		pk_offer_of(&copy, &offer);
		assert_int_equal(offer.timestamps + 4, at);
		assert_int_equal(pk_echo(&copy, &offer), pk_get32(tcp + at));
		assert_true(pk_store_echo(&v, &pk, &copy, &offer, echo));
		assert_int_equal(pk_get32(tcp + at), echo);
		if (seal == PENDING) /* the device adds what is there then */
			assert_memory_equal(tcp + PK_TCP_CHECKSUM, before + pk.l4 + PK_TCP_CHECKSUM, 2);
		else
			assert_int_equal(sum(ip, tcp, len) % 0xffff, was % 0xffff); /* as right or wrong as it was */
		memcpy(frame + pk.l4 + at, before + pk.l4 + at, 4);
		memcpy(tcp + PK_TCP_CHECKSUM, before + pk.l4 + PK_TCP_CHECKSUM, 2);
		assert_memory_equal(frame, before, ROOM); /* and nothing else was touched */
		kinds[seal]++;
	}
	assert_true(kinds[RIGHT] > 30000 && kinds[PENDING] > 30000 && kinds[WRONG] > 30000);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_segments),
};

TEST_MAIN(group, NULL, NULL)
