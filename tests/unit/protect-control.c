/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The controller of a protect block: what it does with a flood, and what holds whatever it is told.
 */
#include "test.h"

#include <string.h>

#include "lib/protect/control.h"

#define HIGH 2000
#define LOW 500

/* A gateway as the controller sees it: flows that pass while it is not armed, cookies while it is. */
struct world {
	struct tm_protect_control c;
	struct tm_protect_totals totals;
	uint64_t now;
	enum tm_protect_change change;
};

static struct world new_world(enum tm_protect_mode mode)
{
	struct world w = { .now = 5000000 };

	tm_protect_control_init(&w.c, &(struct tm_protect_settings){ mode, HIGH, LOW, 1, false });
	tm_protect_control_tick(&w.c, w.now, &w.totals);
	return w;
}

static bool armed(const struct world *w)
{
	return tm_protection_arm(w->c.state) == TM_PROTECT_ARMED;
}

/* One tick with so many SYNs per second of a flood, and of clients that complete. */
static enum tm_protect_change tick(struct world *w, unsigned flood, unsigned clients)
{
	uint64_t syns = flood * TM_PROTECT_TICK_MS / 1000, fine = clients * TM_PROTECT_TICK_MS / 1000;

	if (armed(w)) {
		w->totals.answered += syns + fine;
		w->totals.good += fine;
	} else {
		w->totals.opened += syns + fine;
		w->totals.ended += fine;
	}
	w->now += TM_PROTECT_TICK_MS;
	return w->change = tm_protect_control_tick(&w->c, w->now, &w->totals);
}

/* Ticks until something changes: how many ms that took; it must within `most` ms. */
static uint64_t until(struct world *w, unsigned flood, unsigned clients, enum tm_protect_change wanted, uint64_t most)
{
	uint64_t begin = w->now;

	while (tick(w, flood, clients) == TM_PROTECT_SAME)
		if (w->now - begin > most)
			fail_msg("nothing changes within %d ms", (int)most);
	assert_int_equal(w->change, wanted);
	return w->now - begin;
}

static void quiet(struct world *w, unsigned flood, unsigned clients, uint64_t ms)
{
	for (uint64_t end = w->now + ms; w->now < end;)
		if (tick(w, flood, clients) != TM_PROTECT_SAME)
			fail_msg("change %d where nothing should", w->change);
}

static void test_flood(void **state)
{
	struct world w = new_world(TM_PROTECT_ADAPTIVE);
	uint64_t took;

	quiet(&w, 0, 5000, 100000); /* many clients are no flood */
	until(&w, 100000, 5000, TM_PROTECT_ARMS, TM_PROTECT_TICK_MS);
	assert_int_equal(w.c.state, TM_PROTECTION_ARMED);
	assert_int_equal(w.c.armed, 1);
	until(&w, 100000, 5000, TM_PROTECT_FLOODS, TM_PROTECT_FLOODED_MS + TM_PROTECT_TICK_MS);
	quiet(&w, 100000, 5000, 300000);
	assert_true(w.c.half_open > 100000ull * TM_PROTECT_WINDOW * 9 / 10);
	/* The flood ends. */
	took = until(&w, 0, 5000, TM_PROTECT_CALMS,
		     TM_PROTECT_RECENT * 1000 + TM_PROTECT_FLOODED_MS + TM_PROTECT_TICK_MS);
	assert_true(took >= TM_PROTECT_FLOODED_MS);
	took += until(&w, 0, 5000, TM_PROTECT_DISARMS, 30000);
	assert_true(took >= TM_PROTECT_HOLD_MS &&
		    took <= TM_PROTECT_RECENT * 1000 + TM_PROTECT_HOLD_MS + TM_PROTECT_TICK_MS);
	assert_int_equal(w.c.state, TM_PROTECTION_DRAINING);
	took = until(&w, 0, 5000, TM_PROTECT_DRAINED, TM_PROTECT_DRAIN_MS);
	assert_true(took >= TM_PROTECT_DRAIN_MS);
	quiet(&w, 0, 5000, 200000);
	assert_int_equal(w.c.state, TM_PROTECTION_IDLE);
}

/* Slow ones: high is reached when as many have come in a window, and in between both marks all stays as it is. */
static void test_slow(void **state)
{
	struct world w = new_world(TM_PROTECT_ADAPTIVE);

	quiet(&w, HIGH / TM_PROTECT_WINDOW, 1000, 300000);
	assert_int_equal(w.c.state, TM_PROTECTION_IDLE);
	assert_true(w.c.half_open > HIGH * 8 / 10);
	until(&w, 2 * HIGH / TM_PROTECT_WINDOW, 1000, TM_PROTECT_ARMS, 40000);
	until(&w, 2 * HIGH / TM_PROTECT_WINDOW, 1000, TM_PROTECT_FLOODS, 40000);
	until(&w, HIGH / TM_PROTECT_WINDOW / 2, 1000, TM_PROTECT_CALMS, 40000); /* between the marks */
	quiet(&w, HIGH / TM_PROTECT_WINDOW / 2, 1000, 300000);
	until(&w, LOW / TM_PROTECT_WINDOW / 2, 1000, TM_PROTECT_DISARMS, 40000);
}

/* A flood that comes back while cookies drain arms at once. */
static void test_again(void **state)
{
	struct world w = new_world(TM_PROTECT_ADAPTIVE);

	until(&w, 100000, 0, TM_PROTECT_ARMS, TM_PROTECT_TICK_MS);
	until(&w, 0, 0, TM_PROTECT_FLOODS, 4000); /* what came before it was armed counts for ten seconds */
	until(&w, 0, 0, TM_PROTECT_CALMS, 15000);
	until(&w, 0, 0, TM_PROTECT_DISARMS, 60000);
	quiet(&w, 0, 0, 1000);
	assert_int_equal(w.c.state, TM_PROTECTION_DRAINING);
	until(&w, 100000, 0, TM_PROTECT_ARMS, TM_PROTECT_TICK_MS);
	assert_int_equal(w.c.armed, 2);
}

static void test_modes(void **state)
{
	struct world w = new_world(TM_PROTECT_OFF);

	quiet(&w, 100000, 0, 10000);
	assert_true(w.c.half_open > HIGH);
	tm_protect_control_set(&w.c, &(struct tm_protect_settings){ TM_PROTECT_ALWAYS, HIGH, LOW, 1, false });
	assert_int_equal(tick(&w, 0, 0), TM_PROTECT_ARMS);
	until(&w, 100000, 0, TM_PROTECT_FLOODS, 4000);
	until(&w, 0, 0, TM_PROTECT_CALMS, 40000);
	quiet(&w, 0, 0, 200000);
	tm_protect_control_set(&w.c, &(struct tm_protect_settings){ TM_PROTECT_OFF, HIGH, LOW, 1, false });
	assert_int_equal(tick(&w, 100000, 0), TM_PROTECT_DISARMS);
	until(&w, 100000, 0, TM_PROTECT_DRAINED, TM_PROTECT_DRAIN_MS);
	quiet(&w, 100000, 0, 100000);
	tm_protect_control_set(&w.c, &(struct tm_protect_settings){ TM_PROTECT_ADAPTIVE, HIGH, LOW, 1, false });
	assert_int_equal(tick(&w, 0, 0), TM_PROTECT_ARMS);
}

/* Without an accelerator what passes while armed is answered by SYNPROXY: no server sees it. */
static void test_synproxy(void **state)
{
	struct world w = new_world(TM_PROTECT_ADAPTIVE);

	tm_protect_control_set(&w.c, &(struct tm_protect_settings){ TM_PROTECT_ADAPTIVE, HIGH, LOW, 1, true });
	until(&w, 100000, 0, TM_PROTECT_ARMS, TM_PROTECT_TICK_MS);
	for (int i = 0; i < 1000; i++) {
		w.totals.opened += 20000 + 100;
		w.totals.ended += 100;
		w.now += TM_PROTECT_TICK_MS;
		assert_int_not_equal(tm_protect_control_tick(&w.c, w.now, &w.totals), TM_PROTECT_DISARMS);
	}
	assert_int_equal(w.c.state, TM_PROTECTION_FLOODED);
	assert_int_equal(tm_protect_control_rates(&w.c).answered, 5 * 20100);
	assert_int_equal(tm_protect_control_rates(&w.c).good, 500);
	assert_int_equal(tm_protect_control_rates(&w.c).opened, 0);
	until(&w, 0, 0, TM_PROTECT_CALMS, 40000);
	until(&w, 0, 0, TM_PROTECT_DISARMS, 40000);
	assert_int_equal(w.c.half_open, 0);
}

/* What was armed when the daemon was killed stays so, and goes when there is no reason for it. */
static void test_resume(void **state)
{
	struct world w = { .now = 1000, .totals = { .answered = 1000000, .opened = 77 } };

	tm_protect_control_init(&w.c, &(struct tm_protect_settings){ TM_PROTECT_ADAPTIVE, HIGH, LOW, 1, false });
	tm_protect_control_resume(&w.c, TM_PROTECT_ARMED);
	assert_int_equal(tm_protect_control_tick(&w.c, w.now, &w.totals), TM_PROTECT_SAME);
	assert_int_equal(w.c.state, TM_PROTECTION_ARMED);
	until(&w, 100000, 0, TM_PROTECT_FLOODS, 4000);
	until(&w, 0, 0, TM_PROTECT_CALMS, 40000);
	until(&w, 0, 0, TM_PROTECT_DISARMS, 40000);

	tm_protect_control_init(&w.c, &(struct tm_protect_settings){ TM_PROTECT_ADAPTIVE, HIGH, LOW, 1, false });
	tm_protect_control_resume(&w.c, TM_PROTECT_ARMED);
	tm_protect_control_tick(&w.c, w.now, &w.totals);
	assert_int_equal(until(&w, 0, 0, TM_PROTECT_DISARMS, 40000), TM_PROTECT_HOLD_MS);
}

/* Counters that begin anew count nothing, and no jump overflows. */
static void test_odd_counters(void **state)
{
	struct world w = new_world(TM_PROTECT_ADAPTIVE);

	w.totals = (struct tm_protect_totals){ UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	assert_int_equal(tick(&w, 0, 0), TM_PROTECT_SAME); /* all have ended, too */
	assert_int_equal(w.c.half_open, 0);
	w.totals = (struct tm_protect_totals){ 0 };
	quiet(&w, 0, 0, 100000);
	assert_int_equal(w.c.half_open, 0);
	for (int i = 0; i < 1000; i++) {
		w.totals.opened ^= UINT64_MAX;
		tick(&w, 0, 0);
	}
	assert_true(armed(&w) && w.c.half_open < 1ull << 62);
}

/* Time that stands still, goes back, or jumps. */
static void test_odd_times(void **state)
{
	struct world w = new_world(TM_PROTECT_ADAPTIVE);

	for (int i = 0; i < 100; i++) {
		w.now -= TM_PROTECT_TICK_MS + (uint64_t)i;
		assert_int_equal(tick(&w, 50, 0), TM_PROTECT_SAME);
	}
	assert_int_equal(w.c.half_open, 1000);
	w.now = w.c.now + 3600000; /* an hour later all of these are gone */
	assert_int_equal(tick(&w, 0, 0), TM_PROTECT_SAME);
	assert_int_equal(w.c.half_open, 0);
	/* Of what an hour brought, a window's part counts. */
	w.now += 3600000;
	w.totals.opened += 3600 * 30;
	tick(&w, 0, 0);
	assert_in_range(w.c.half_open, 29 * TM_PROTECT_WINDOW, 30 * TM_PROTECT_WINDOW);
}

/* Rates are of whole seconds. */
static void test_rates(void **state)
{
	struct world w = new_world(TM_PROTECT_ALWAYS);
	struct tm_protect_rates r;

	quiet(&w, 0, 0, 0);
	tick(&w, 0, 0);
	for (int i = 0; i < 51; i++) {
		w.totals.bad += 10;
		tick(&w, 1000, 500);
	}
	r = tm_protect_control_rates(&w.c);
	assert_int_equal(r.answered, 1500);
	assert_int_equal(r.good, 500);
	assert_int_equal(r.bad, 50);
	assert_int_equal(r.opened, 0);
}

static void test_totals(void **state)
{
	struct tm_protect_counters counters = { 0 };
	struct tm_protect_totals t;

	counters.packets[PK_IPV4][PK_PROTECT_SAMPLED_OPENED] = 3;
	counters.packets[PK_IPV6][PK_PROTECT_SAMPLED_OPENED] = 4;
	counters.packets[PK_IPV6][PK_PROTECT_SAMPLED_COMPLETED] = 1;
	counters.packets[PK_IPV4][PK_PROTECT_SAMPLED_RESET] = 2;
	counters.packets[PK_IPV4][PK_PROTECT_ANSWERED] = 100;
	counters.packets[PK_IPV4][PK_PROTECT_OVER_BUDGET] = 10;
	counters.packets[PK_IPV6][PK_PROTECT_COOKIE_GOOD] = 7;
	counters.packets[PK_IPV6][PK_PROTECT_COOKIE_BAD] = 8;
	t = tm_protect_totals(&counters);
	assert_int_equal(t.opened, 7);
	assert_int_equal(t.ended, 3);
	assert_int_equal(t.answered, 110);
	assert_int_equal(t.good, 7);
	assert_int_equal(t.bad, 8);
}

static void test_sample(void **state)
{
	static const struct {
		unsigned high, sample;
	} wanted[] = { { 1, 1 },    { 127, 1 },	  { 128, 2 },	{ 400, 4 },
		       { 1023, 8 }, { 1024, 16 }, { 2000, 16 }, { TM_HALF_OPEN_MAX, 16 } };
	struct tm_config_protect blocks[2] = { { .high = 2000 }, { .high = 300 } };
	struct world w = new_world(TM_PROTECT_ADAPTIVE);

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		assert_int_equal(tm_protect_sample(&(struct tm_config_protect){ .high = wanted[i].high }, 1),
				 wanted[i].sample);
	assert_int_equal(tm_protect_sample(blocks, 2), 4);
	/* A change of the sample is no jump. */
	quiet(&w, 10, 1000, 20000);
	w.totals.opened += 90;
	tick(&w, 0, 0);
	assert_int_equal(w.c.half_open, 290);
	tm_protect_control_set(&w.c, &(struct tm_protect_settings){ TM_PROTECT_ADAPTIVE, HIGH, LOW, 16, false });
	tick(&w, 0, 0);
	assert_int_equal(w.c.half_open, 290);
	w.totals.opened += 100;
	tick(&w, 0, 0);
	assert_int_equal(w.c.half_open, 290 + 1600);
}

/* What a random world does: the weather changes now and then. */
struct weather {
	unsigned flood, clients;
};

static struct weather random_weather(void)
{
	static const unsigned rates[] = { 0, 0, 5, 10, 20, 40, 100, 1000, 100000 };

	return (struct weather){ rates[test_below(9)], rates[test_below(9)] };
}

/*
 * Whatever comes: never armed less than the hold time; armed within one tick of more than high; with no more than low for the hold
 * time not armed; the steps are those of the picture; the same again gives the same.
 */
static void test_any_weather(void **state)
{
	static const enum tm_protection before[TM_PROTECT_CHANGES][2] = {
		[TM_PROTECT_ARMS] = { TM_PROTECTION_IDLE, TM_PROTECTION_DRAINING },
		[TM_PROTECT_FLOODS] = { TM_PROTECTION_ARMED, TM_PROTECTION_ARMED },
		[TM_PROTECT_CALMS] = { TM_PROTECTION_FLOODED, TM_PROTECTION_FLOODED },
		[TM_PROTECT_DISARMS] = { TM_PROTECTION_ARMED, TM_PROTECTION_FLOODED },
		[TM_PROTECT_DRAINED] = { TM_PROTECTION_DRAINING, TM_PROTECTION_DRAINING },
	};
	unsigned arms = 0;

	for (unsigned round = 0; round < 60; round++) {
		struct world w = new_world(TM_PROTECT_ADAPTIVE), twin = w;
		struct weather sky = { 0 };
		uint64_t armed_at = 0, low_since = 0;

		for (unsigned i = 0; i < 20000; i++) {
			enum tm_protection was = w.c.state;
			enum tm_protect_change change;

			if (!test_below(100))
				sky = random_weather();
			change = tick(&w, sky.flood, sky.clients);
			assert_int_equal(tick(&twin, sky.flood, sky.clients), change);
			assert_memory_equal(&w.c, &twin.c, sizeof(w.c));
			if (change != TM_PROTECT_SAME)
				assert_true(was == before[change][0] || was == before[change][1]);
			else
				assert_int_equal(w.c.state, was);
			if (change == TM_PROTECT_ARMS) {
				assert_true(w.c.half_open > HIGH);
				armed_at = low_since = w.now;
				arms++;
			}
			if (change == TM_PROTECT_DISARMS)
				assert_true(w.now - armed_at >= TM_PROTECT_HOLD_MS);
			if (!armed(&w))
				assert_true(w.c.half_open <= HIGH || change == TM_PROTECT_DISARMS);
			if (w.c.half_open > LOW)
				low_since = w.now;
			if (armed(&w))
				assert_true(w.now - low_since < TM_PROTECT_HOLD_MS + 2 * TM_PROTECT_TICK_MS);
		}
	}
	assert_true(arms > 60);
}

/* A worse flood never arms later. */
static void test_monotone(void **state)
{
	for (unsigned round = 0; round < 2000; round++) {
		struct world mild = new_world(TM_PROTECT_ADAPTIVE), worse = mild;
		struct weather sky = { 0 };

		for (unsigned i = 0; i < 600 && !armed(&mild); i++) {
			if (!test_below(50))
				sky = random_weather();
			tick(&mild, sky.flood % 1000, sky.clients);
			if (!armed(&worse))
				tick(&worse, sky.flood % 1000 + test_below(3) * 10, sky.clients);
			assert_true(!armed(&mild) || armed(&worse));
			assert_true(armed(&worse) || worse.c.half_open >= mild.c.half_open);
		}
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_flood),	     cmocka_unit_test(test_slow),      cmocka_unit_test(test_again),
	cmocka_unit_test(test_modes),	     cmocka_unit_test(test_synproxy),  cmocka_unit_test(test_resume),
	cmocka_unit_test(test_odd_counters), cmocka_unit_test(test_odd_times), cmocka_unit_test(test_rates),
	cmocka_unit_test(test_totals),	     cmocka_unit_test(test_sample),    cmocka_unit_test(test_any_weather),
	cmocka_unit_test(test_monotone),
};

TEST_MAIN(tests, NULL, NULL)
