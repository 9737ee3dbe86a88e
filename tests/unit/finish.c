/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finishing a checksum that was left to a device: right afterwards, whatever the field held; everything else stays as
 * it is.
 */
#include "test.h"

#include <string.h>

#include "corpus.h"
#include "lib/finish.h"

static struct corpus corpus;

static int set_up(void **state)
{
	corpus_read(&corpus);
	return 0;
}

static int tear_down(void **state)
{
	corpus_free(&corpus);
	return 0;
}

/* Where the TCP checksum of a whole segment is; 0 where the frame holds none. */
static uint32_t field_of(const struct corpus_vector *v, struct pk_packet *pk)
{
	struct pk_view view = { .frame = v->in, .len = v->in_len, .room = v->in_len };
	enum pk_reason reason = pk_parse_frame(&view, v->link, pk);

	if ((reason != PK_GO_ON && reason != PK_NOT_SYN) || pk_measure_segment(&view, pk) != PK_GO_ON)
		return 0;
	return pk->more_fragments || pk->segment < PK_TCP_HEADER ? 0 : pk->l4 + PK_TCP_CHECKSUM;
}

/* Its own arithmetic: all 16-bit words of pseudo-header and segment. */
static bool verifies(const uint8_t *frame, const struct pk_packet *pk)
{
	uint32_t n = pk->family == PK_IPV4 ? 4 : 16, src = pk->l3 + (pk->family == PK_IPV4 ? 12 : 8);
	uint64_t sum = PK_PROTO_TCP + (pk->segment >> 16) + (pk->segment & 0xffff);

	for (uint32_t i = 0; i < n; i++)
		sum += (uint64_t)(frame[src + i] + frame[pk->pseudo_dst + i]) << (i & 1 ? 0 : 8);
	for (uint32_t i = 0; i < pk->segment; i++)
		sum += (uint64_t)frame[pk->l4 + i] << (i & 1 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static void test_corpus(void **state)
{
	unsigned finished = 0;

	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_vector *v = &corpus.vectors[i];
		uint8_t *frame = malloc(v->in_len + 1);
		struct pk_packet pk = { 0 };
		uint32_t at = field_of(v, &pk);

		memcpy(frame, v->in, v->in_len);
		if (at) {
			frame[at] = test_random(); /* what was there makes no difference */
			frame[at + 1] = test_random();
		}
		if (tm_finish_checksum(v->link, frame, v->in_len) != !!at)
			fail_msg("%s: %s", v->name, at ? "not finished" : "finished what is none");
		if (at && !verifies(frame, &pk))
			fail_msg("%s: does not verify", v->name);
		if (at)
			memcpy(frame + at, v->in + at, 2);
		if (memcmp(frame, v->in, v->in_len))
			fail_msg("%s: changed more than the checksum", v->name);
		finished += !!at;
		free(frame);
	}
	assert_true(finished > 1000);
}

/* A segment that ends with an odd byte, at every length. */
static void test_lengths(void **state)
{
	uint8_t frame[40 + 64] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 1 };

	for (uint32_t len = 40; len <= sizeof(frame); len++) {
		struct pk_packet pk = { .l3 = 0, .l4 = 20, .segment = len - 20, .pseudo_dst = 16, .family = PK_IPV4 };

		for (uint32_t i = 20; i < sizeof(frame); i++)
			frame[i] = test_random();
		frame[3] = len;
		frame[32] = 0x50;
		frame[33] = 0x02;
		assert_true(tm_finish_checksum(PK_LINK_RAW, frame, sizeof(frame))); /* what follows is padding */
		assert_true(verifies(frame, &pk));
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_corpus),
	cmocka_unit_test(test_lengths),
};

TEST_MAIN(tests, set_up, tear_down)
