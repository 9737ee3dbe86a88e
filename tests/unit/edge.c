/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clamp never reaches outside its buffer: every vector, whole and cut at every byte, lies flush against pages that fault,
 * in front and behind; and what lies between the frame and the end of its room is written only when the frame grows.
 */
#include "test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "corpus.h"
#include "lib/report/stats.h"

#define CANARY 0xa5

static struct corpus corpus;
static uint8_t *pages; /* CORPUS_ROOM * 2 bytes between two pages that fault */
static size_t pages_len;

static int setup(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), total;
	uint8_t *p;

	corpus_read(&corpus);
	pages_len = (2 * CORPUS_ROOM + page - 1) / page * page;
	total = pages_len + 2 * page;
	p = mmap(NULL, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || mprotect(p + page, pages_len, PROT_READ | PROT_WRITE))
		return -1;
	pages = p + page;
	return 0;
}

static int teardown(void **state)
{
	corpus_free(&corpus);
	return 0;
}

static struct pk_result clamp(const struct corpus_vector *v, uint8_t *frame, uint32_t *len, uint32_t room)
{
	struct tm_rules rules = { .image = tm_image_rules(&v->image) };

	return tm_clamp_frame(&rules, v->link, frame, len, room);
}

static void expect(const struct corpus_vector *v, const struct pk_result *r, const uint8_t *frame, uint32_t len,
		   bool grew)
{
	enum pk_reason reason = v->reason == PK_ADDED && !grew ? PK_NO_MSS_OPTION : v->reason;
	bool same = v->out == v->in || (v->reason == PK_ADDED && !grew);

	if (r->reason != reason)
		fail_msg("%s: %s, not %s", v->name, tm_reason_name(r->reason), tm_reason_name(reason));
	if (len != (same ? v->in_len : v->out_len) || (len && memcmp(frame, same ? v->in : v->out, len)))
		fail_msg("%s: other bytes", v->name);
	if (r->changed != !same)
		fail_msg("%s: told to be %s", v->name, r->changed ? "changed" : "the same");
}

/* With no byte to spare behind it, nothing can be inserted. */
static void test_flush_behind(void **state)
{
	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_vector *v = &corpus.vectors[i];
		uint8_t *frame = pages + pages_len - v->in_len;
		uint32_t len = v->in_len;
		struct pk_result r;

		memcpy(frame, v->in, len);
		r = clamp(v, frame, &len, len);
		expect(v, &r, frame, len, false);
	}
}

static void test_room_for_one_option(void **state)
{
	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_vector *v = &corpus.vectors[i];
		uint8_t *frame = pages + pages_len - v->in_len - 4;
		uint32_t len = v->in_len;
		struct pk_result r;

		memcpy(frame, v->in, len);
		memset(frame + len, CANARY, 4);
		r = clamp(v, frame, &len, len + 4);
		expect(v, &r, frame, len, true);
	}
}

static void test_three_bytes_are_no_room(void **state)
{
	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_vector *v = &corpus.vectors[i];
		uint8_t *frame = pages + pages_len - v->in_len - 3;
		uint32_t len = v->in_len;
		struct pk_result r;

		memcpy(frame, v->in, len);
		memset(frame + len, CANARY, 3);
		r = clamp(v, frame, &len, len + 3);
		expect(v, &r, frame, len, false);
		for (int j = 0; j < 3; j++)
			assert_int_equal(frame[len + j], CANARY);
	}
}

static void test_flush_in_front(void **state)
{
	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_vector *v = &corpus.vectors[i];
		uint32_t len = v->in_len;
		struct pk_result r;

		memcpy(pages, v->in, len);
		r = clamp(v, pages, &len, len + 4);
		expect(v, &r, pages, len, true);
	}
}

/* A frame that ends early: whatever the outcome, only a changed frame differs, and its length stays. */
static void test_cut_at_every_byte(void **state)
{
	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_vector *v = &corpus.vectors[i];

		for (uint32_t cut = 0; cut < v->in_len; cut++) {
			uint8_t *frame = pages + pages_len - cut;
			uint32_t len = cut;
			struct pk_result r;

			memcpy(frame, v->in, cut);
			r = clamp(v, frame, &len, cut);
			assert_int_equal(len, cut);
			if (r.changed == !memcmp(frame, v->in, cut))
				fail_msg("%s, cut to %u bytes: %s, told to be %s", v->name, cut,
					 tm_reason_name(r.reason), r.changed ? "changed" : "the same");
			assert_true(r.reason > PK_GO_ON && r.reason < PK_REASON_COUNT);
		}
	}
}

static void test_bytes_behind_the_frame(void **state)
{
	uint8_t *frame = pages + pages_len / 4;

	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_vector *v = &corpus.vectors[i];
		uint32_t len = v->in_len, before = 64, behind = 64;
		struct pk_result r;

		memset(frame - before, CANARY, before + len + behind);
		memcpy(frame, v->in, len);
		r = clamp(v, frame, &len, len + behind);
		expect(v, &r, frame, len, true);
		for (uint32_t j = 1; j <= before; j++)
			assert_int_equal(frame[-(int)j], CANARY);
		for (uint32_t j = len; j < v->in_len + behind; j++)
			assert_int_equal(frame[j], CANARY);
	}
}

/* Nothing of a buffer outside the frame is read: other bytes there, the same outcome. */
static void test_bytes_behind_do_not_matter(void **state)
{
	uint8_t *frame = pages + pages_len / 4;

	for (size_t i = 0; i < corpus.count; i++) {
		const struct corpus_vector *v = &corpus.vectors[i];
		struct pk_result r[2];
		uint32_t len[2];

		for (int j = 0; j < 2; j++) {
			len[j] = v->in_len;
			memset(frame - 64, j ? 0xff : 0x02, v->in_len + 128);
			memcpy(frame, v->in, v->in_len);
			r[j] = clamp(v, frame, &len[j], v->in_len + 64);
			expect(v, &r[j], frame, len[j], true);
		}
		assert_int_equal(r[0].also, r[1].also);
	}
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_flush_behind),
	cmocka_unit_test(test_room_for_one_option),
	cmocka_unit_test(test_three_bytes_are_no_room),
	cmocka_unit_test(test_flush_in_front),
	cmocka_unit_test(test_cut_at_every_byte),
	cmocka_unit_test(test_bytes_behind_the_frame),
	cmocka_unit_test(test_bytes_behind_do_not_matter),
};

TEST_MAIN(group, setup, teardown)
