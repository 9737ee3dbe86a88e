/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The path-MTU engine: the vectors of its design, its edges, a full table, its state as bytes, and a network whose path changes at
 * random.
 */
#include "test.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/pmtu/state.h"

static const uint8_t seed[16] = "a hash of a test";

static struct tm_pmtu *engine(size_t entries, const struct tm_pmtu_options *options)
{
	struct tm_pmtu *p = tm_pmtu_new(entries, seed, options ? options : &tm_pmtu_default_options);

	assert_non_null(p);
	return p;
}

static struct tm_path path4(uint32_t number)
{
	struct tm_path path = { 0 };

	number = htonl(number);
	memcpy(path.addr, &number, sizeof(number));
	return path;
}

static struct tm_path path6(uint32_t number)
{
	struct tm_path path = path4(number);

	path.ipv6 = true;
	memmove(path.addr + 12, path.addr, 4);
	return path;
}

static enum tm_pmtu_outcome ptb(struct tm_pmtu *p, struct tm_path path, uint32_t mtu, uint64_t second)
{
	struct tm_pmtu_message m = { .mtu = mtu, .ceiling = 1500, .quoted_ihl = 5 };

	return tm_pmtu_ptb(p, &path, &m, second * 1000);
}

/* PMTU of a path; 0 without an entry. */
static unsigned pmtu(const struct tm_pmtu *p, struct tm_path path)
{
	struct tm_pmtu_entry e;

	return tm_pmtu_find(p, &path, &e) ? e.pmtu : 0;
}

static size_t tick(struct tm_pmtu *p, uint64_t second)
{
	return tm_pmtu_tick(p, second * 1000, 0);
}

/* One message on a path that is at `start` (the ceiling itself, or by a PTB before). */
static const struct vector {
	unsigned start, ceiling, mtu, len, ihl;
	enum tm_old_router old_router;
	bool ipv6;
	enum tm_pmtu_outcome outcome;
	unsigned pmtu;
	bool nodf;
} vectors[] = {
	/* of the design */
	{ 4352, 65535, 0, 4352, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 2002 },
	{ 1500, 1500, 0, 1500, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 1492 },
	{ 1500, 1500, 0, 1500, 5, TM_OLD_ROUTER_RFC1191, .outcome = TM_PMTU_LOWERED, .pmtu = 1280 },
	{ 1500, 1500, 0, 1500, 5, TM_OLD_ROUTER_OFF, .outcome = TM_PMTU_IGNORED, .pmtu = 1500 },
	{ 1500, 1500, 0, 1520, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 1492 },
	{ 1500, 1500, 0, 1000, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 508 },
	{ 296, 296, 0, 296, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 72 },
	{ 72, 1500, 0, 0, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 72, .nodf = true },
	{ 1500, 1500, 1400, .outcome = TM_PMTU_LOWERED, .pmtu = 1400 },
	{ 1500, 1500, 68, .outcome = TM_PMTU_LOWERED, .pmtu = 72, .nodf = true },
	{ 1500, 1500, 67, .outcome = TM_PMTU_BELOW_MINIMUM, .pmtu = 1500 },
	{ 1400, 1500, 1500, .outcome = TM_PMTU_IGNORED, .pmtu = 1400 },
	{ 1500, 1500, 1280, .ipv6 = true, .outcome = TM_PMTU_LOWERED, .pmtu = 1280 },
	{ 1500, 1500, 1279, .ipv6 = true, .outcome = TM_PMTU_BELOW_MINIMUM, .pmtu = 1500 },
	{ 1500, 1500, 0, 1500, 5, .ipv6 = true, .outcome = TM_PMTU_BELOW_MINIMUM, .pmtu = 1500 },
	/* edges */
	{ 1500, 1500, 1500, .outcome = TM_PMTU_IGNORED, .pmtu = 1500 },
	{ 1500, 1500, 1499, .outcome = TM_PMTU_LOWERED, .pmtu = 1499 },
	{ 1400, 1500, 1400, .outcome = TM_PMTU_CONFIRMED, .pmtu = 1400 },
	{ 1500, 1500, 65535, .outcome = TM_PMTU_IGNORED, .pmtu = 1500 },
	{ 65535, 65535, 65535, .outcome = TM_PMTU_IGNORED, .pmtu = 65535 },
	{ 65535, 65535, 65534, .outcome = TM_PMTU_LOWERED, .pmtu = 65534 },
	{ 1500, 1500, 1, .outcome = TM_PMTU_BELOW_MINIMUM, .pmtu = 1500 },
	{ 1500, 1500, 71, .outcome = TM_PMTU_LOWERED, .pmtu = 72, .nodf = true },
	{ 1500, 1500, 72, .outcome = TM_PMTU_LOWERED, .pmtu = 72 },
	{ 72, 1500, 72, .outcome = TM_PMTU_CONFIRMED, .pmtu = 72 },
	{ 72, 1500, 71, .outcome = TM_PMTU_LOWERED, .pmtu = 72, .nodf = true },
	{ 72, 72, 71, .outcome = TM_PMTU_LOWERED, .pmtu = 72, .nodf = true },
	{ 72, 72, 0, .outcome = TM_PMTU_LOWERED, .pmtu = 72, .nodf = true },
	{ 73, 1500, 0, 0, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 72 },
	{ 1500, 1500, 0, 67, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 1492 },
	{ 1500, 1500, 0, 68, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 72 },
	{ 1500, 1500, 0, 69, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 72 },
	{ 1500, 1500, 0, 297, 5, .outcome = TM_PMTU_LOWERED, .pmtu = 296 },
	{ 1500, 1500, 0, 1552, 15, .outcome = TM_PMTU_LOWERED, .pmtu = 1280 },
	{ 1500, 1500, 0, 1553, 15, .outcome = TM_PMTU_LOWERED, .pmtu = 1492 },
	{ 1500, 1500, 0, 65535, 15, .outcome = TM_PMTU_LOWERED, .pmtu = 1492 },
	{ 73, 1500, 0, 74, 15, .outcome = TM_PMTU_LOWERED, .pmtu = 72 },
	{ 1280, 1500, 1280, .ipv6 = true, .outcome = TM_PMTU_CONFIRMED, .pmtu = 1280 },
	{ 1500, 1500, 4294967295, .ipv6 = true, .outcome = TM_PMTU_IGNORED, .pmtu = 1500 },
};

static void test_vectors(void **state)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct vector *v = &vectors[i];
		struct tm_pmtu_options options = tm_pmtu_default_options;
		struct tm_pmtu_message m = { .mtu = v->start, .ceiling = v->ceiling };
		struct tm_path path = v->ipv6 ? path6(1) : path4(1);
		struct tm_pmtu *p;
		struct tm_pmtu_entry e;
		uint16_t chosen;
		bool nodf;

		options.old_router = v->old_router;
		p = engine(3, &options);
		if (v->start != v->ceiling)
			assert_int_equal(tm_pmtu_ptb(p, &path, &m, 0), TM_PMTU_LOWERED);
		m = (struct tm_pmtu_message){ v->mtu, v->len, v->ihl, v->ceiling };
		assert_int_equal(tm_pmtu_choose(p, &path, &m, &chosen, &nodf), v->outcome);
		assert_int_equal(tm_pmtu_ptb(p, &path, &m, 10000), v->outcome);
		assert_int_equal(chosen, v->pmtu);
		assert_int_equal(nodf, v->nodf);
		if (v->outcome == TM_PMTU_LOWERED || v->outcome == TM_PMTU_CONFIRMED) {
			assert_true(tm_pmtu_find(p, &path, &e));
			assert_int_equal(e.pmtu, v->pmtu);
			assert_int_equal(e.mss, v->pmtu - (v->ipv6 ? 60 : 40));
			assert_int_equal(e.nodf, v->nodf);
			assert_int_equal(e.state, TM_PMTU_REDUCED);
			assert_int_equal(e.deadline_ms, 610000);
		} else {
			assert_int_equal(tm_pmtu_find(p, &path, &e), v->start != v->ceiling);
			assert_true(v->start == v->ceiling || (e.pmtu == v->start && e.deadline_ms == 600000));
		}
		tm_pmtu_free(p);
	}
}

static void test_ageing(void **state)
{
	struct tm_pmtu *p = engine(10, NULL);
	struct tm_pmtu_entry e;
	struct tm_path a = path4(1);

	assert_int_equal(tm_pmtu_next_ms(p), 0);
	ptb(p, a, 508, 0);
	assert_int_equal(tm_pmtu_next_ms(p), 600000);
	assert_int_equal(tm_pmtu_tick(p, 599999, 0), 0);
	for (unsigned i = 0; i < 3; i++) {
		static const unsigned steps[] = { 1006, 1280, 1492 };

		assert_int_equal(tick(p, 600 + 120 * i), 1);
		assert_int_equal(tick(p, 600 + 120 * i), 0);
		assert_int_equal(tick(p, 719 + 120 * i), 0);
		assert_true(tm_pmtu_find(p, &a, &e));
		assert_int_equal(e.pmtu, steps[i]);
		assert_int_equal(e.state, TM_PMTU_RAISING);
		assert_int_equal(e.last_ptb_ms, 0);
	}
	assert_int_equal(tick(p, 960), 1);
	assert_int_equal(pmtu(p, a), 0);

	/* DF comes back with the first raise; a PTB while raising starts anew */
	ptb(p, a, 68, 1000);
	tick(p, 1600);
	assert_true(tm_pmtu_find(p, &a, &e) && !e.nodf && e.pmtu == 296);
	assert_int_equal(ptb(p, a, 296, 1650), TM_PMTU_CONFIRMED);
	tick(p, 1720);
	assert_int_equal(pmtu(p, a), 296);
	tick(p, 2250);
	assert_int_equal(pmtu(p, a), 508);

	/* a clock that goes back does not: nothing is due early, no order is lost */
	ptb(p, path4(2), 1400, 100);
	assert_true(tm_pmtu_find(p, &(struct tm_path){ .addr = { 0, 0, 0, 2 } }, &e));
	assert_int_equal(e.deadline_ms, 2850000);
	tm_pmtu_free(p);
}

static void test_max_steps(void **state)
{
	struct tm_pmtu *p = engine(100, NULL);

	for (unsigned i = 0; i < 100; i++)
		ptb(p, path4(i), 1400, 0);
	assert_int_equal(tm_pmtu_tick(p, 700000, 30), 30);
	assert_int_equal(tm_pmtu_tick(p, 700000, 60), 60);
	assert_int_equal(tm_pmtu_tick(p, 700000, 60), 10);
	assert_int_equal(tm_pmtu_tick(p, 700000, 60), 0);
	tm_pmtu_free(p);
}

static void test_options(void **state)
{
	static const uint16_t falling[] = { 500, 400 }, same[] = { 500, 500 }, small[] = { 67 }, good[] = { 68, 500 };
	struct tm_pmtu_options o = tm_pmtu_default_options;
	struct tm_pmtu_entry e;
	struct tm_path a = path4(1);
	struct tm_error error;
	struct tm_pmtu *p;

	for (unsigned minutes = 0; minutes < 40; minutes++) {
		o.aging_s = minutes * 60;
		assert_int_equal(!tm_pmtu_options_check(&o, &error), !minutes || (minutes >= 10 && minutes <= 30));
	}
	o = tm_pmtu_default_options;
	o.table_length = 2;
	o.table = falling;
	assert_int_equal(tm_pmtu_options_check(&o, &error), -EINVAL);
	o.table = same;
	assert_int_equal(tm_pmtu_options_check(&o, &error), -EINVAL);
	o.table = good;
	assert_int_equal(tm_pmtu_options_check(&o, &error), 0);
	o.table = small;
	o.table_length = 1;
	assert_int_equal(tm_pmtu_options_check(&o, &error), -EINVAL);
	o.table_length = 0;
	assert_int_equal(tm_pmtu_options_check(&o, &error), -EINVAL);

	/* others while it runs: from the last PTB */
	p = engine(10, NULL);
	ptb(p, a, 100, 100);
	o = *tm_pmtu_get_options(p);
	o.aging_s = 1800;
	tm_pmtu_set_options(p, &o);
	assert_true(tm_pmtu_find(p, &a, &e) && e.deadline_ms == 1900000);
	o.aging_s = 0;
	tm_pmtu_set_options(p, &o);
	assert_true(tm_pmtu_find(p, &a, &e) && e.deadline_ms == 0);
	assert_int_equal(tick(p, 100000), 0);
	o.aging_s = 600;
	o.table = good;
	o.table_length = 2;
	tm_pmtu_set_options(p, &o);
	assert_true(tm_pmtu_find(p, &a, &e) && e.deadline_ms == 700000);
	assert_int_equal(tick(p, 100000), 1);
	assert_int_equal(pmtu(p, a), 500);
	tm_pmtu_free(p);

	o = tm_pmtu_default_options;
	o.raise = TM_RAISE_JUMP;
	p = engine(10, &o);
	ptb(p, a, 100, 0);
	tick(p, 600);
	assert_int_equal(pmtu(p, a), 0);
	tm_pmtu_free(p);
}

static void test_syn(void **state)
{
	struct tm_pmtu_options o = tm_pmtu_default_options;

	assert_int_equal(tm_pmtu_syn(&o, false, 1460, 1400, 0), 1360);
	assert_int_equal(tm_pmtu_syn(&o, false, 1200, 1400, 0), 1200);
	assert_int_equal(tm_pmtu_syn(&o, false, 1460, 0, 1400), 1460);
	assert_int_equal(tm_pmtu_syn(&o, true, 1440, 1280, 0), 1220);
	assert_int_equal(tm_pmtu_syn(&o, false, 0, 1400, 1400), 0);
	o.symmetric = true;
	assert_int_equal(tm_pmtu_syn(&o, false, 1460, 0, 1400), 1360);
	assert_int_equal(tm_pmtu_syn(&o, false, 1460, 1300, 1400), 1260);
	assert_int_equal(tm_pmtu_syn(&o, false, 20, 72, 72), 20);
	assert_int_equal(tm_pmtu_ceiling(false, 1500, 1360), 1400);
	assert_int_equal(tm_pmtu_ceiling(false, 1500, 0), 1500);
	assert_int_equal(tm_pmtu_ceiling(false, 4000000000, 4000000000), 65535);
	assert_int_equal(tm_pmtu_ceiling(false, 1500, 1), 72);
	assert_int_equal(tm_pmtu_ceiling(true, 1000, 0), 1280);
}

/* What was told of an entry that went, or of the last change. */
struct told {
	unsigned times[TM_PMTU_EVICTED + 1];
	struct tm_pmtu_entry last;
};

static void tell(void *ctx, const struct tm_pmtu_entry *entry, enum tm_pmtu_change change)
{
	struct told *told = ctx;

	told->times[change]++;
	told->last = *entry;
}

static void test_full(void **state)
{
	struct tm_pmtu *p = engine(3, NULL);
	struct tm_pmtu_counts counts;
	struct tm_path a = path4(1), x = path4(9);
	struct told told = { 0 };

	tm_pmtu_on_change(p, tell, &told);
	for (unsigned i = 1; i <= 3; i++)
		ptb(p, path4(i), 1000, i);
	ptb(p, path4(1), 1000, 10); /* 2 is nearest to its deadline now */
	assert_int_equal(ptb(p, path4(4), 1000, 11), TM_PMTU_LOWERED);
	assert_int_equal(told.times[TM_PMTU_EVICTED], 1);
	assert_int_equal(pmtu(p, path4(2)), 0);
	tick(p, 603); /* 3 is raising, due at 723; 1 at 610 */
	assert_int_equal(ptb(p, path4(5), 1000, 604), TM_PMTU_LOWERED);
	assert_int_equal(pmtu(p, a), 0);
	assert_int_equal(pmtu(p, path4(3)), 1006);
	tm_pmtu_count(p, &counts);
	assert_int_equal(counts.entries, 3);
	assert_int_equal(counts.evicted, 2);

	/* static ones stay, and make room for themselves */
	for (unsigned i = 6; i <= 8; i++)
		assert_int_equal(tm_pmtu_set_static(p, &(struct tm_path){ .addr = { i } }, 1000, 700000),
				 TM_PMTU_LOWERED);
	assert_int_equal(ptb(p, x, 1000, 701), TM_PMTU_FULL);
	assert_int_equal(tm_pmtu_set_static(p, &x, 1000, 700000), TM_PMTU_FULL);
	assert_true(tm_pmtu_delete(p, &(struct tm_path){ .addr = { 6 } }));
	assert_int_equal(ptb(p, x, 1000, 701), TM_PMTU_LOWERED);
	assert_false(tm_pmtu_delete(p, &a));
	tm_pmtu_free(p);
	assert_null(tm_pmtu_new(0, seed, &tm_pmtu_default_options));
	assert_null(tm_pmtu_new((size_t)TM_PMTU_ENTRIES_MAX + 1, seed, &tm_pmtu_default_options));
}

static void test_changes(void **state)
{
	struct tm_pmtu *p = engine(10, NULL);
	struct tm_path a = path4(1), b = path4(2);
	struct told told = { 0 };

	tm_pmtu_on_change(p, tell, &told);
	b.tag = 7;
	ptb(p, a, 1400, 0);
	ptb(p, a, 1400, 1);
	ptb(p, a, 1450, 1);
	assert_int_equal(told.times[TM_PMTU_NEW_VALUE], 1);
	assert_int_equal(told.times[TM_PMTU_RESTARTED], 1);
	tick(p, 601);
	assert_int_equal(told.times[TM_PMTU_RAISED], 1);
	assert_int_equal(told.last.pmtu, 1492);
	tick(p, 721);
	assert_int_equal(told.times[TM_PMTU_AGED_OUT], 1);
	assert_int_equal(told.last.state, TM_PMTU_NONE);
	assert_int_equal(told.last.pmtu, 1500);
	ptb(p, a, 1400, 800);
	ptb(p, b, 1300, 800);
	tm_pmtu_set_static(p, &(struct tm_path){ .addr = { 3 }, .tag = 7 }, 1200, 800000);
	assert_int_equal(tm_pmtu_drop_tag(p, 7, false), 1);
	assert_int_equal(told.times[TM_PMTU_DELETED], 1);
	assert_int_equal(pmtu(p, a), 1400);
	assert_int_equal(pmtu(p, b), 0);
	assert_true(tm_pmtu_set_ceiling(p, &a, 1450));
	assert_int_equal(pmtu(p, a), 1400);
	assert_true(tm_pmtu_set_ceiling(p, &a, 1400));
	assert_int_equal(pmtu(p, a), 0);
	assert_false(tm_pmtu_set_ceiling(p, &a, 1400));
	assert_int_equal(tm_pmtu_flush(p, false), 0);
	assert_int_equal(tm_pmtu_flush(p, true), 1);
	assert_int_equal(told.times[TM_PMTU_DELETED], 3);
	tm_pmtu_free(p);
}

static void test_disable(void **state)
{
	struct tm_pmtu *p = engine(10, NULL);
	struct tm_path a = path4(1);
	struct tm_pmtu_entry e;

	ptb(p, a, 1400, 100);
	tm_pmtu_disable(p, 200000);
	assert_false(tm_pmtu_enabled(p));
	assert_int_equal(ptb(p, a, 1300, 300), TM_PMTU_DISABLED);
	assert_int_equal(tm_pmtu_next_ms(p), 0);
	assert_int_equal(tick(p, 100000), 0);
	assert_true(tm_pmtu_find(p, &a, &e) && e.pmtu == 1400 && !e.deadline_ms);
	tm_pmtu_enable(p, 100000000);
	assert_true(tm_pmtu_find(p, &a, &e));
	assert_int_equal(e.deadline_ms, 100500000);
	assert_int_equal(e.last_ptb_ms, 100000);
	assert_int_equal(tick(p, 100499), 0);
	assert_int_equal(tick(p, 100500), 1);
	tm_pmtu_free(p);
}

/* The state of an engine as a file. For free(). */
static uint8_t *save(const struct tm_pmtu *p, bool static_too, uint64_t second, size_t *length)
{
	struct tm_pmtu_counts counts;
	uint32_t cursor = 0;
	bool done = false;
	size_t records = 0;
	uint8_t *bytes;

	tm_pmtu_count(p, &counts);
	bytes = malloc((counts.entries + 9) * TM_PMTU_RECORD);
	tm_pmtu_save_head(bytes, 1234567);
	while (!done)
		records += tm_pmtu_save(p, &cursor, static_too, second * 1000, bytes + (records + 1) * TM_PMTU_RECORD,
					7, &done);
	tm_pmtu_save_tail(bytes + (records + 1) * TM_PMTU_RECORD, records);
	*length = (records + 2) * TM_PMTU_RECORD;
	return bytes;
}

static bool retag(void *ctx, uint32_t saved, uint32_t *now)
{
	*now = saved + 100;
	return saved != 2;
}

static void test_saved(void **state)
{
	struct tm_pmtu *p = engine(1000, NULL), *q = engine(1000, NULL);
	size_t length, loaded;
	struct tm_path path;
	struct tm_pmtu_entry e, f;
	struct tm_error error;
	uint64_t wall;
	uint8_t *bytes;

	for (unsigned i = 0; i < 300; i++) {
		path = i % 3 ? path4(i) : path6(i);
		path.tag = i % 4;
		ptb(p, path, 1280 + i % 200, i * 2);
	}
	tick(p, 600);
	tick(p, 900);
	tm_pmtu_set_static(p, &(struct tm_path){ .addr = { 1 } }, 1111, 900000);
	bytes = save(p, false, 1000, &length);
	assert_int_equal(tm_pmtu_load_head(bytes, length, &wall, &error), 0);
	assert_int_equal(wall, 1234567);

	/* 100 s later, of a clock that began anew */
	assert_int_equal(tm_pmtu_load(q, bytes, length, 5000, 100000, NULL, NULL, &loaded, &error), 0);
	for (unsigned i = 0; i < 300; i++) {
		path = i % 3 ? path4(i) : path6(i);
		path.tag = i % 4;
		assert_int_equal(tm_pmtu_find(p, &path, &e), tm_pmtu_find(q, &path, &f));
		if (!tm_pmtu_find(q, &path, NULL))
			continue;
		loaded--;
		assert_int_equal(e.pmtu, f.pmtu);
		assert_int_equal(e.state, f.state);
		assert_int_equal(e.ceiling, f.ceiling);
		assert_int_equal(e.hits, f.hits);
		assert_int_equal(e.last_ptb_ms - 1095000, f.last_ptb_ms);
		assert_int_equal(e.deadline_ms > 1095000 ? e.deadline_ms - 1095000 : 1, f.deadline_ms);
	}
	assert_int_equal(loaded, 0);
	assert_false(tm_pmtu_find(q, &(struct tm_path){ .addr = { 1 } }, NULL));

	/* one step at most, in the order of the deadlines */
	assert_int_not_equal(tick(q, 5), 0);
	assert_int_equal(tick(q, 5), 0);
	while (tm_pmtu_next_ms(q)) {
		uint64_t next = tm_pmtu_next_ms(q);

		assert_int_not_equal(tm_pmtu_tick(q, next, 0), 0);
		assert_true(!tm_pmtu_next_ms(q) || tm_pmtu_next_ms(q) > next);
	}
	tm_pmtu_free(q);

	q = engine(1000, NULL);
	assert_int_equal(tm_pmtu_load(q, bytes, length, 5000, 0, retag, NULL, &loaded, &error), 0);
	path = path4(1);
	path.tag = 101;
	assert_true(tm_pmtu_find(q, &path, NULL));
	path = path4(2);
	path.tag = 102;
	assert_false(tm_pmtu_find(q, &path, NULL));
	tm_pmtu_free(q);

	/* any bit that is wrong, any length */
	for (unsigned i = 0; i < 2000; i++) {
		size_t bit = i < 64 * 8 ? i : test_below(length * 8);

		bytes[bit / 8] ^= 1 << bit % 8;
		q = engine(1000, NULL);
		assert_int_equal(tm_pmtu_load(q, bytes, length, 5000, 0, NULL, NULL, &loaded, &error), -EINVAL);
		assert_int_equal(loaded, 0);
		tm_pmtu_free(q);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	q = engine(1000, NULL);
	for (size_t n = 0; n < length; n += n < 200 ? 1 : 32)
		assert_int_equal(tm_pmtu_load(q, bytes, n, 5000, 0, NULL, NULL, &loaded, &error), -EINVAL);
	assert_int_equal(tm_pmtu_next_ms(q), 0);
	tm_pmtu_free(q);

	/* fewer places than entries */
	q = engine(10, NULL);
	assert_int_equal(tm_pmtu_load(q, bytes, length, 5000, UINT64_MAX, NULL, NULL, &loaded, &error), 0);
	assert_int_equal(loaded, 10);
	assert_int_equal(tick(q, 5), 10);
	tm_pmtu_free(q);
	free(bytes);

	bytes = save(p, true, 1000, &length);
	q = engine(1000, NULL);
	assert_int_equal(tm_pmtu_load(q, bytes, length, 5000, 0, NULL, NULL, &loaded, &error), 0);
	assert_int_equal(pmtu(q, (struct tm_path){ .addr = { 1 } }), 1111);
	tm_pmtu_free(q);
	tm_pmtu_free(p);
	free(bytes);
}

/* Many entries that come and go, against an array: the hash, the walk, the memory. */
static void test_many(void **state)
{
	enum { PATHS = 40000, PLACES = 40000 };
	static uint16_t known[PATHS];
	struct tm_pmtu *p = engine(PLACES, NULL);
	struct tm_pmtu_entry entries[100];
	struct tm_pmtu_counts counts;
	size_t count = 0, walked = 0, n;
	uint32_t cursor = 0;

	memset(known, 0, sizeof(known));
	for (unsigned i = 0; i < 600000; i++) {
		unsigned which = test_below(PATHS), mtu = 500 + test_below(900);
		struct tm_path path = which % 2 ? path4(which) : path6(which);

		if (mtu < 560) {
			assert_int_equal(tm_pmtu_delete(p, &path), known[which] != 0);
			known[which] = 0;
		} else if (!path.ipv6 || mtu >= 1280) {
			ptb(p, path, mtu, 1);
			if (!known[which] || mtu < known[which])
				known[which] = mtu;
		}
		assert_int_equal(pmtu(p, path), known[which]);
	}
	for (unsigned i = 0; i < PATHS; i++) {
		assert_int_equal(pmtu(p, i % 2 ? path4(i) : path6(i)), known[i]);
		count += known[i] != 0;
	}
	tm_pmtu_count(p, &counts);
	assert_int_equal(counts.entries, count);
	do {
		n = tm_pmtu_walk(p, &cursor, entries, 100);
		walked += n;
	} while (n == 100);
	assert_int_equal(walked, count);
	assert_int_equal(tick(p, 601), count);
	assert_int_equal(tm_pmtu_flush(p, true) + counts.by_state[TM_PMTU_STATIC], count);
	tm_pmtu_free(p);
}

/* All in: entries, hash, queues, reporters. */
static void test_memory(void **state)
{
	enum { MILLION = 1000000 };
	uint8_t reporter[16] = { 1 };
	struct tm_pmtu_message m = { .mtu = 1300, .ceiling = 1500, .reporter = reporter };
	struct tm_pmtu *p = engine(MILLION, NULL);
	struct tm_pmtu_counts counts;

	for (unsigned i = 0; i < MILLION; i++) {
		struct tm_path path = path6(i);

		assert_int_equal(tm_pmtu_ptb(p, &path, &m, i), TM_PMTU_LOWERED);
	}
	tm_pmtu_count(p, &counts);
	assert_int_equal(counts.entries, MILLION);
	assert_true(counts.bytes <= 64 * (size_t)MILLION);
	tm_pmtu_free(p);
}

/*
 * A path whose MTU changes at random, and a sender whose connections are as large as the engine lets them be. The engine is never below
 * the floor, never raises before its time, is too large for one PTB at most, and too small for no longer than the timers say.
 */
static void simulate(unsigned number)
{
	static const enum tm_old_router modes[] = { TM_OLD_ROUTER_SEED, TM_OLD_ROUTER_RFC1191 };
	struct tm_pmtu_options o = { .aging_s = (10 + test_below(21)) * 60,
				     .old_router = modes[test_below(2)],
				     .raise = test_below(4) ? TM_RAISE_PLATEAU : TM_RAISE_JUMP };
	struct tm_path path = test_below(3) ? path4(number) : path6(number);
	unsigned floor = path.ipv6 ? 1280 : 72, ceiling = floor + test_below(9000 - floor), width = ceiling, now = 0,
		 period;
	bool tells = path.ipv6 || test_below(3);
	uint64_t last_ptb = 0, last_raise = 0, wider_at = 0;
	struct tm_pmtu *p = engine(4, &o);
	unsigned before = ceiling;

	period = 1 + test_below(30);
	while (now < 30000) {
		struct tm_pmtu_entry e = { .pmtu = ceiling };

		now += period;
		tick(p, now);
		tm_pmtu_find(p, &path, &e);
		if (e.pmtu > before || (e.state == TM_PMTU_NONE && before < ceiling)) {
			uint64_t since = last_raise > last_ptb ? last_raise + 120 : last_ptb + o.aging_s;

			assert_true(now >= since);
			last_raise = now;
		}
		before = e.pmtu;
		if (test_below(600) < period) { /* another route, another tunnel */
			unsigned wide = floor + test_below(ceiling - floor + 1);

			if (wide > width)
				wider_at = now;
			width = wide;
		}
		if (test_below(60) < period) { /* a connection */
			for (unsigned tries = 0; e.pmtu > width && !e.nodf; tries++) {
				struct tm_pmtu_message m = { .mtu = tells ? width : 0,
							     .quoted_len = e.pmtu,
							     .quoted_ihl = 5,
							     .ceiling = ceiling };

				assert_true(tries < (tells ? 1 : 12));
				assert_int_equal(tm_pmtu_ptb(p, &path, &m, now * 1000ull), TM_PMTU_LOWERED);
				assert_true(tm_pmtu_find(p, &path, &e));
				last_ptb = now;
			}
			before = e.pmtu;
		}
		assert_true(e.pmtu >= floor && e.pmtu <= ceiling);
		/* twelve steps of the table, each a period late at most */
		if (e.pmtu < width)
			assert_true(now <= (last_ptb > wider_at ? last_ptb : wider_at) + o.aging_s + period +
						   12 * (120 + period));
	}
	tm_pmtu_free(p);
}

static void test_network(void **state)
{
	for (unsigned i = 0; i < 3000; i++)
		simulate(i);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_vectors), cmocka_unit_test(test_ageing),	cmocka_unit_test(test_max_steps),
	cmocka_unit_test(test_options), cmocka_unit_test(test_syn),	cmocka_unit_test(test_full),
	cmocka_unit_test(test_changes), cmocka_unit_test(test_disable), cmocka_unit_test(test_saved),
	cmocka_unit_test(test_many),	cmocka_unit_test(test_memory),	cmocka_unit_test(test_network),
};

TEST_MAIN(group, NULL, NULL)
