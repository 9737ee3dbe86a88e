/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of learned paths: against a plain model, and with readers that run while it is written.
 */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* Between two looks at an entry. */
#define PK_LEARNED_AFTER(p, word) interrupt()
static void interrupt(void);

#include "lib/pmtu/learned.h"

#define CAPACITY 512
#define PATHS 700 /* more than it takes */

static const uint64_t seed[2] = { 0x0123456789abcdef, 0xfedcba9876543210 }, other_seed[2] = { 1, 2 };

static struct pk_learned_head *memory;
static struct tm_learned table;

static int setup(void **state)
{
	memory = aligned_alloc(64, tm_learned_size(CAPACITY));
	memset(memory, 0, tm_learned_size(CAPACITY));
	return tm_learned_open(&table, memory, tm_learned_size(CAPACITY), seed, false);
}

static int teardown(void **state)
{
	free(memory);
	return 0;
}

static struct tm_learned_path path_of(unsigned n)
{
	struct tm_learned_path p = { .ipv6 = n & 1, .tag = 1 + (n >> 1 & 1) };

	p.address[0] = n >> 2;
	p.address[1] = n >> 10;
	return p;
}

/* What the packet path finds at a time. */
static unsigned look(const struct pk_learned_table *t, const struct tm_learned_path *p, uint64_t now)
{
	struct pk_view v = { .frame = (uint8_t *)p->address, .len = sizeof(p->address), .learned = *t, .now = now };

	v.tag = p->tag;
	return pk_find_learned(&v, 0, p->ipv6 ? PK_IPV6 : PK_IPV4);
}

static void test_model(void **state)
{
	struct pk_learned_table reader = tm_learned_table(memory, tm_learned_size(CAPACITY));
	struct tm_learned_value model[PATHS] = { 0 }, got;
	unsigned count = 0, nodf = 0, full = 0;

	assert_true(table.capacity >= CAPACITY);
	tm_learned_lease(&table, 1u << 31, 0);
	for (int step = 0; step < 200000; step++) {
		unsigned n = test_below(step / 20000 % 2 ? PATHS / 8 : PATHS);
		struct tm_learned_path path = path_of(n);

		if (test_below(3) || !model[n].mtu) {
			struct tm_learned_value v = { .mtu = 72 + test_below(60000),
						      .nodf = !test_below(4),
						      .until = TM_LEARNED_ALWAYS };
			int err = tm_learned_set(&table, &path, &v);

			assert_true(!err || (err == -ENOSPC && !model[n].mtu));
			full += err != 0;
			if (!err) {
				count += !model[n].mtu;
				nodf += v.nodf - model[n].nodf;
				model[n] = v;
			}
		} else {
			assert_true(tm_learned_delete(&table, &path));
			count--;
			nodf -= model[n].nodf;
			model[n] = (struct tm_learned_value){ 0 };
		}
		assert_int_equal(tm_learned_count(&table), count);
		assert_int_equal(memory->nodf, nodf);
		n = test_below(PATHS);
		path = path_of(n);
		assert_int_equal(look(&reader, &path, 0), model[n].mtu);
		assert_int_equal(tm_learned_get(&table, &path, &got), !!model[n].mtu);
		if (model[n].mtu)
			assert_memory_equal(&got.mtu, &model[n].mtu, sizeof(got.mtu));
	}
	assert_true(full > 0 && count > CAPACITY / 2);
	for (unsigned n = 0; n < PATHS; n++) {
		struct tm_learned_path path = path_of(n);

		assert_int_equal(look(&reader, &path, 0), model[n].mtu);
		tm_learned_delete(&table, &path);
	}
	assert_int_equal(memory->nodf, 0);
	for (uint64_t i = 0; i < (tm_learned_size(CAPACITY) - sizeof(*memory)) / sizeof(struct pk_learned); i++)
		assert_true(!table.slots[i].value); /* no slot is lost */
}

static void test_times(void **state)
{
	struct pk_learned_table reader = tm_learned_table(memory, tm_learned_size(CAPACITY));
	struct tm_learned_path path = path_of(5);
	const uint64_t s = 1000000000;

	tm_learned_clear(&table);
	assert_int_equal(tm_learned_set(&table, &path, &(struct tm_learned_value){ .mtu = 1400, .until = 100000 }), 0);
	tm_learned_lease(&table, 900000, 0);
	assert_int_equal(look(&reader, &path, 99 * s), 1400);
	assert_int_equal(look(&reader, &path, 102 * s), 0);
	tm_learned_lease(&table, 900000, 50 * s); /* the machine slept */
	assert_int_equal(look(&reader, &path, 49 * s), 1400);
	assert_int_equal(look(&reader, &path, 52 * s), 0);
	/* The writer is dead: the lease ends. */
	assert_int_equal(tm_learned_set(&table, &path,
					&(struct tm_learned_value){ .mtu = 1300, .until = TM_LEARNED_ALWAYS }),
			 0);
	tm_learned_lease(&table, 200000, 0);
	assert_int_equal(look(&reader, &path, 199 * s), 1300);
	assert_int_equal(look(&reader, &path, 202 * s), 0);
	tm_learned_lease(&table, 900000, 0);
	assert_int_equal(look(&reader, &path, 202 * s), 1300);
	/* Another writer forgets what the one before left, whatever that was. */
	assert_int_equal(tm_learned_open(&table, memory, tm_learned_size(CAPACITY), other_seed, true), 0);
	tm_learned_lease(&table, 900000, 0);
	assert_int_equal(look(&reader, &path, 0), PK_LEARNED_BOTH);
	tm_learned_set_symmetric(&table, false);
	assert_int_equal(tm_learned_open(&table, memory, sizeof(struct pk_learned_head), seed, true), -EINVAL);
}

/* ---- readers beside the writer: an MTU tells which path it was set for */

#define CROWD 64 /* paths in a table with few lines, so that slots change hands all the time */

static void write_one(struct tm_learned *w)
{
	unsigned n = test_below(CROWD);
	struct tm_learned_path path = path_of(n);
	const struct tm_learned_value v = { .mtu = CROWD * (2 + test_below(900)) + n, .until = TM_LEARNED_ALWAYS };

	if (test_below(2))
		tm_learned_delete(w, &path);
	else
		tm_learned_set(w, &path, &v);
}

static struct tm_learned *interrupting; /* writes between any two looks; NULL: nobody does */

static void interrupt(void)
{
	for (unsigned i = interrupting ? test_below(4) : 0; i; i--)
		write_one(interrupting);
}

static void test_between(void **state)
{
	size_t size = tm_learned_size(CROWD / 2);
	struct pk_learned_head *small = aligned_alloc(64, size);
	struct pk_learned_table t = tm_learned_table(small, size);
	unsigned there = 0;
	struct tm_learned w;

	memset(small, 0, size);
	assert_int_equal(tm_learned_open(&w, small, size, seed, false), 0);
	tm_learned_lease(&w, 1u << 31, 0);
	for (int i = 0; i < CROWD; i++)
		write_one(&w);
	interrupting = &w;
	for (int i = 0; i < 1000000; i++) {
		unsigned n = test_below(CROWD);
		struct tm_learned_path path = path_of(n);
		unsigned mtu = look(&t, &path, 0);

		there += mtu != 0;
		if (mtu)
			assert_int_equal(mtu % CROWD, n);
	}
	interrupting = NULL;
	assert_true(there > 10000);
	free(small);
}

static atomic_bool over;
static atomic_ulong found, wrong;

static void *reader(void *arg)
{
	const struct pk_learned_table *t = arg;
	unsigned n = 0;

	while (!over) {
		struct tm_learned_path path = path_of(n);
		unsigned mtu = look(t, &path, 0);

		if (mtu) {
			found++;
			wrong += mtu % CROWD != n;
		}
		n = (n + 1) % CROWD;
	}
	return NULL;
}

static void test_beside(void **state)
{
	size_t size = tm_learned_size(CROWD / 2);
	struct pk_learned_head *small = aligned_alloc(64, size);
	struct pk_learned_table t = tm_learned_table(small, size);
	struct tm_learned w;
	pthread_t threads[2];

	memset(small, 0, size);
	assert_int_equal(tm_learned_open(&w, small, size, seed, false), 0);
	tm_learned_lease(&w, 1u << 31, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reader, &t), 0);
	for (int step = 0; step < 2000000; step++)
		write_one(&w);
	over = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_true(found > 0);
	assert_int_equal(wrong, 0);
	free(small);
}

static const struct CMUnitTest group[] = {
	cmocka_unit_test(test_model),
	cmocka_unit_test(test_times),
	cmocka_unit_test(test_between),
	cmocka_unit_test(test_beside),
};

TEST_MAIN(group, setup, teardown)
