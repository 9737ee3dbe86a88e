/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first part of a file of learned paths, which reads back to what it was and nothing else; and which of the paths with a given MTU
 * holds.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "lib/pmtu/statics.h"

static struct tm_static given(const char *device, uint8_t last, uint16_t mtu, bool configured)
{
	struct tm_static s = { .addr = { 192, 0, 2, last }, .mtu = mtu, .configured = configured };

	strcpy(s.device, device);
	return s;
}

static char *example(size_t *length)
{
	struct tm_tag tags[] = { { 0, 0, "" }, { 7, 1500, "ppp0" } };
	struct tm_static statics[] = { given("", 1, 1400, false), given("", 2, 1400, true),
				       given("ppp0", 3, 72, false) };
	const struct tm_paths_head head = { tags, 2, statics, 3 };
	char *text = tm_paths_head_text(&head, length);

	assert_non_null(text);
	return text;
}

static void test_round_trip(void **state)
{
	size_t length, read;
	char *text = example(&length);
	char *more = malloc(length + 4);
	struct tm_paths_head head;
	struct tm_error e;

	memcpy(more, text, length);
	memcpy(more + length, "sum ", 4); /* what follows is another's */
	read = length + 4;
	assert_int_equal(tm_paths_head_read(&head, (uint8_t *)more, &read, &e), 0);
	assert_int_equal(read, length);
	assert_int_equal(head.tag_count, 2);
	assert_int_equal(head.tags[0].ifindex, 0);
	assert_int_equal(head.tags[1].ifindex, 7);
	assert_int_equal(head.tags[1].mtu, 1500);
	assert_string_equal(head.tags[1].device, "ppp0");
	assert_int_equal(head.static_count, 2); /* without that of the configuration */
	assert_int_equal(head.statics[1].addr[3], 3);
	assert_int_equal(head.statics[1].mtu, 72);
	assert_string_equal(head.statics[1].device, "ppp0");
	tm_paths_head_free(&head);
	free(more);
	free(text);
}

/* Cut anywhere, or with any bit changed, it is refused. */
static void test_broken(void **state)
{
	size_t length, read;
	char *text = example(&length);
	struct tm_paths_head head;
	struct tm_error e;

	for (size_t cut = 0; cut < length; cut++) {
		char *part = malloc(cut + 1); /* exactly as long, for the sanitizer */

		memcpy(part, text, cut);
		part = realloc(part, cut ? cut : 1);
		read = cut;
		assert_int_equal(tm_paths_head_read(&head, (uint8_t *)part, &read, &e), -EINVAL);
		free(part);
	}
	for (size_t bit = 0; bit < 8 * length; bit++) {
		text[bit / 8] ^= 1 << bit % 8;
		read = length;
		assert_int_equal(tm_paths_head_read(&head, (uint8_t *)text, &read, &e), -EINVAL);
		assert_true(strlen(e.text) > 5);
		text[bit / 8] ^= 1 << bit % 8;
	}
	free(text);
}

static uint16_t holds(const struct tm_static *list, size_t count, uint8_t last, const char *device)
{
	const uint8_t address[16] = { 192, 0, 2, last };
	const struct tm_static *s = tm_static_find(list, count, false, address, device);

	return s ? s->mtu : 0;
}

static void test_which_holds(void **state)
{
	struct tm_static list[] = {
		given("", 9, 1000, true),     given("", 5, 1001, true),	     given("ppp0", 5, 1002, true),
		given("ppp1", 5, 1003, true), given("ppp1", 5, 1004, false), given("", 1, 1005, true),
		given("", 1, 1006, false),    given("eth0", 2, 1007, false),
	};
	size_t count = sizeof(list) / sizeof(*list);

	tm_statics_sort(list, count);
	assert_int_equal(holds(list, count, 9, "ppp0"), 1000);
	assert_int_equal(holds(list, count, 5, "eth0"), 1001);
	assert_int_equal(holds(list, count, 5, "ppp0"), 1002); /* the device's before those of any */
	assert_int_equal(holds(list, count, 5, "ppp1"), 1004); /* set by hand before configured */
	assert_int_equal(holds(list, count, 1, "ppp0"), 1006);
	assert_int_equal(holds(list, count, 2, "eth0"), 1007);
	assert_int_equal(holds(list, count, 2, "ppp0"), 0);
	assert_int_equal(holds(list, count, 3, ""), 0);
	assert_int_equal(holds(list, 0, 3, ""), 0);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_round_trip),
	cmocka_unit_test(test_broken),
	cmocka_unit_test(test_which_holds),
};

TEST_MAIN(group, NULL, NULL)
