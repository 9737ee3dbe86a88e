/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over the path-MTU engine. The first byte says what the rest is: a script as "pmtu replay" reads it, a state file (its
 * checksums are made right in every other input, or none would be looked into), or events of 8 bytes for a small engine.
 *
 * Beside the sanitizers it checks that values stay between floor and ceiling, that nothing is raised before its time, that there are never
 * more entries than there is room for, that queues keep their order, and that what was loaded is saved as the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pmtu/script.h"
#include "lib/pmtu/state.h"
#include "lib/pmtu/siphash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES = 5 };

static const uint8_t seed[16];

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void check_entry(const struct tm_pmtu_entry *e)
{
	check(e->pmtu >= tm_pmtu_floor(e->path.ipv6), "below the floor");
	check(e->state == TM_PMTU_STATIC || e->pmtu <= e->ceiling, "above the ceiling");
	check(!e->nodf || (e->pmtu == TM_PMTU_FLOOR4 && !e->path.ipv6), "nodf above the floor");
	check(e->mss == e->pmtu - tm_pmtu_headers(e->path.ipv6), "MSS");
}

static void answered(void *ctx, const struct tm_script_answer *a)
{
	if (a->kind == TM_SCRIPT_ENTRY)
		check_entry(&a->entry);
}

static void script(char *text)
{
	struct tm_script *s = tm_script_new(&tm_pmtu_default_options, seed, ENTRIES, answered, NULL);
	struct tm_error e;
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		*e.text = '\0';
		check(!tm_script_run(s, line, &e) || strlen(e.text) > 10, "refused without a reason");
	}
	tm_script_free(s);
}

static size_t walk(const struct tm_pmtu *p)
{
	struct tm_pmtu_entry entries[2];
	uint32_t cursor = 0;
	size_t all = 0, n;

	do {
		n = tm_pmtu_walk(p, &cursor, entries, 2);
		for (size_t i = 0; i < n; i++)
			check_entry(&entries[i]);
		all += n;
	} while (n == 2);
	return all;
}

/* All that is due comes in the order in which it is due. */
static void run_out(struct tm_pmtu *p)
{
	uint64_t last = 0, next;

	while ((next = tm_pmtu_next_ms(p))) {
		check(next > last, "an order that is none");
		check(tm_pmtu_tick(p, next, 0), "nothing was due");
		last = next;
	}
}

static void state(uint8_t *bytes, size_t length, bool repair)
{
	struct tm_pmtu *p = tm_pmtu_new(1000, seed, &tm_pmtu_default_options), *q;
	static uint8_t again[1002 * TM_PMTU_RECORD];
	struct tm_pmtu_counts counts;
	struct tm_error e = { "" };
	uint32_t cursor = 0;
	size_t loaded, n;
	bool done;

	for (size_t at = 0; repair && at + TM_PMTU_RECORD <= length; at += TM_PMTU_RECORD) {
		uint64_t words[7], sum;

		memcpy(words, bytes + at, sizeof(words));
		sum = tm_siphash(&(struct tm_sipkey){ 0 }, words, 7);
		memcpy(bytes + at + sizeof(words), &sum, sizeof(sum));
	}
	if (tm_pmtu_load(p, bytes, length, 1000, 1000, NULL, NULL, &loaded, &e)) {
		check(strlen(e.text) > 10 && !walk(p), "refused without a reason, or taken up none the less");
	} else {
		check(walk(p) == loaded, "another number than was told");
		tm_pmtu_save_head(again, 0);
		n = tm_pmtu_save(p, &cursor, true, 1000, again + TM_PMTU_RECORD, 1000, &done);
		check(n == loaded, "not all is saved");
		tm_pmtu_save_tail(again + (n + 1) * TM_PMTU_RECORD, n);
		q = tm_pmtu_new(1000, seed, &tm_pmtu_default_options);
		check(!tm_pmtu_load(q, again, (n + 2) * TM_PMTU_RECORD, 1000, 0, NULL, NULL, &loaded, &e) &&
			      loaded == n,
		      "what was saved is not taken up");
		tm_pmtu_count(q, &counts);
		check(counts.entries == n, "entries are lost");
		run_out(q);
		tm_pmtu_free(q);
	}
	tm_pmtu_free(p);
}

static void changed(void *ctx, const struct tm_pmtu_entry *e, enum tm_pmtu_change change)
{
	check_entry(e);
	check((e->state == TM_PMTU_NONE) ==
		      (change == TM_PMTU_AGED_OUT || change == TM_PMTU_DELETED || change == TM_PMTU_EVICTED),
	      "gone, but not gone");
}

/* verb, path, two of MTU, two of quoted length or seconds, IHL and old router, ceiling */
static void event(struct tm_pmtu *p, const uint8_t *e, uint64_t *now)
{
	struct tm_path path = { .addr = { [3] = e[1] & 7 }, .ipv6 = e[1] & 8, .tag = e[1] >> 4 & 1 };
	struct tm_pmtu_message m = {
		.mtu = e[2] << 8 | e[3], .quoted_len = e[4] << 8 | e[5], .quoted_ihl = e[6] & 15, .ceiling = e[7] * 100
	};
	struct tm_pmtu_options options = *tm_pmtu_get_options(p);
	struct tm_pmtu_entry before, after;
	enum tm_pmtu_outcome outcome, done;
	uint16_t chosen;
	bool nodf, had = tm_pmtu_find(p, &path, &before);

	if (m.ceiling)
		m.ceiling = tm_pmtu_ceiling(path.ipv6, m.ceiling, 0);
	switch (e[0] % 10) {
	case 0:
	case 1:
		outcome = tm_pmtu_choose(p, &path, &m, &chosen, &nodf);
		done = tm_pmtu_ptb(p, &path, &m, *now);
		check(done == outcome || (done == TM_PMTU_FULL && !had && outcome == TM_PMTU_LOWERED),
		      "chosen otherwise than done");
		if (done == TM_PMTU_LOWERED || done == TM_PMTU_CONFIRMED) {
			check(tm_pmtu_find(p, &path, &after) && after.pmtu == chosen && after.nodf == nodf,
			      "not as chosen");
			check(!had || after.pmtu <= before.pmtu, "a PTB that raises");
		}
		break;
	case 2:
	case 3:
		*now += m.quoted_len * 1000;
		tm_pmtu_tick(p, *now, m.mtu & 3);
		if (had && before.deadline_ms > *now)
			check(tm_pmtu_find(p, &path, &after) && after.pmtu == before.pmtu, "raised before its time");
		break;
	case 4:
		tm_pmtu_set_static(p, &path, m.mtu, *now);
		break;
	case 5:
		check(tm_pmtu_delete(p, &path) == had, "deleted");
		break;
	case 6:
		if (e[6] & 16)
			tm_pmtu_disable(p, *now);
		else
			tm_pmtu_enable(p, *now);
		break;
	case 7:
		options.aging_s = e[4] % 32 < 10 || e[4] % 32 > 30 ? 0 : e[4] % 32 * 60;
		options.old_router = e[5] % 3;
		options.raise = e[6] & 1;
		tm_pmtu_set_options(p, &options);
		break;
	case 8:
		check(tm_pmtu_set_ceiling(p, &path, m.ceiling) == had, "ceiling");
		break;
	case 9:
		tm_pmtu_drop_tag(p, path.tag, e[6] & 1);
		break;
	}
	check(walk(p) <= ENTRIES, "more entries than there is room for");
}

static void events(const uint8_t *bytes, size_t length)
{
	struct tm_pmtu *p = tm_pmtu_new(ENTRIES, seed, &tm_pmtu_default_options);
	uint64_t now = 0;

	tm_pmtu_on_change(p, changed, NULL);
	for (size_t at = 0; at + 8 <= length; at += 8)
		event(p, bytes + at, &now);
	run_out(p);
	tm_pmtu_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (!size)
		return 0;
	copy = malloc(size);
	memcpy(copy, data + 1, size - 1);
	copy[size - 1] = '\0';
	if (data[0] % 4 == 0)
		script((char *)copy);
	else if (data[0] % 4 == 3)
		events(copy, size - 1);
	else if (size < 1000 * TM_PMTU_RECORD)
		state(copy, size - 1, data[0] % 4 == 2);
	free(copy);
	return 0;
}
