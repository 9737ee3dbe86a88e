/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of a path-MTU engine as bytes, and back. A record is
 *
 *	address 16, reporter 16, tag 4, pmtu 2, ceiling 2, age 8, late 4, hits 2, what 1, kind 1, checksum 8
 *
 * `age` is how long ago in milliseconds its timer started, `late` how long before that the last PTB was, in units of four
 * seconds.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "engine.h"
#include "state.h"

enum { VERSION = 1, HEAD = 'H', ENTRY = 'E', TAIL = 'T' };
enum { AT_PMTU = 36, AT_AGE = 40, AT_LATE = 48, AT_HITS = 52, AT_WHAT = 54, AT_KIND = 55, AT_SUM = 56 };
enum { AT_VERSION = 12, AT_WALL = 16, AT_COUNT = 0 };
enum { WHAT_STATE = 3, WHAT_ORIGIN = 7 << 2, WHAT_IPV6 = 1 << 5, WHAT_NODF = 1 << 6 };

static const char magic[AT_VERSION] = "tcpmss-pmtu";

static void put16(uint8_t *at, uint16_t value)
{
	value = htole16(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

static void put64(uint8_t *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
}

static uint16_t get16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return le16toh(value);
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

/* It finds damage, not malice: who may write the file may write what he likes. */
static uint64_t checksum(const uint8_t *record)
{
	static const struct tm_sipkey key = { 0 };
	uint64_t words[AT_SUM / 8];

	for (int i = 0; i < AT_SUM / 8; i++)
		words[i] = get64(record + i * 8);
	return tm_siphash(&key, words, AT_SUM / 8);
}

static void finish(uint8_t *record, uint8_t kind)
{
	record[AT_KIND] = kind;
	put64(record + AT_SUM, checksum(record));
}

static bool is_whole(const uint8_t *record, uint8_t kind)
{
	return record[AT_KIND] == kind && get64(record + AT_SUM) == checksum(record);
}

void tm_pmtu_save_head(uint8_t out[TM_PMTU_RECORD], uint64_t wall_ms)
{
	memset(out, 0, TM_PMTU_RECORD);
	memcpy(out, magic, sizeof(magic));
	put32(out + AT_VERSION, VERSION);
	put64(out + AT_WALL, wall_ms);
	finish(out, HEAD);
}

void tm_pmtu_save_tail(uint8_t out[TM_PMTU_RECORD], uint64_t records)
{
	memset(out, 0, TM_PMTU_RECORD);
	put64(out + AT_COUNT, records);
	finish(out, TAIL);
}

static void put_entry(uint8_t *out, const struct tm_pmtu_slot *slot, uint64_t now)
{
	memcpy(out, slot->addr, 16);
	memcpy(out + 16, slot->reporter, 16);
	put32(out + 32, slot->tag);
	put16(out + AT_PMTU, slot->pmtu);
	put16(out + AT_PMTU + 2, slot->ceiling);
	put64(out + AT_AGE, now > slot->since ? now - slot->since : 0);
	put32(out + AT_LATE, slot->late);
	put16(out + AT_HITS, slot->hits);
	out[AT_WHAT] = slot->state | slot->origin << 2 | slot->ipv6 * WHAT_IPV6 | slot->nodf * WHAT_NODF;
	finish(out, ENTRY);
}

size_t tm_pmtu_save(const struct tm_pmtu *p, uint32_t *cursor, bool static_too, uint64_t now_ms, uint8_t *out, size_t n,
		    bool *done)
{
	uint64_t now = p->disabled_at; /* timers stand still then */
	size_t count = 0;

	if (!now)
		now = now_ms < TM_PMTU_TIME_MAX - TM_PMTU_ZERO ? now_ms + TM_PMTU_ZERO : TM_PMTU_TIME_MAX;
	while (count < n && *cursor < p->store.fresh) {
		const struct tm_pmtu_slot *slot = tm_pmtu_slot(&p->store, ++*cursor);

		if (slot->state != TM_PMTU_NONE && (slot->state != TM_PMTU_STATIC || static_too))
			put_entry(out + count++ * TM_PMTU_RECORD, slot, now);
	}
	*done = *cursor >= p->store.fresh;
	return count;
}

int tm_pmtu_load_head(const uint8_t *bytes, size_t length, uint64_t *wall_ms, struct tm_error *e)
{
	if (length < TM_PMTU_RECORD || memcmp(bytes, magic, sizeof(magic)) || !is_whole(bytes, HEAD))
		return tm_error(e, "does not begin as a file of path MTUs does");
	if (get32(bytes + AT_VERSION) != VERSION)
		return tm_error(e, "is of version %u; this program knows version %d", get32(bytes + AT_VERSION),
				VERSION);
	*wall_ms = get64(bytes + AT_WALL);
	return 0;
}

static bool all_zero(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Whether a whole record could have come from put_entry(). */
static bool makes_sense(const uint8_t *r)
{
	uint8_t what = r[AT_WHAT], state = what & WHAT_STATE, origin = (what & WHAT_ORIGIN) >> 2;
	uint16_t pmtu = get16(r + AT_PMTU), ceiling = get16(r + AT_PMTU + 2);
	bool ipv6 = what & WHAT_IPV6, nodf = what & WHAT_NODF;

	if (what >> 7 || state == TM_PMTU_NONE || origin > TM_PMTU_SET)
		return false;
	if (!ipv6 && (!all_zero(r + 4, 12) || !all_zero(r + 20, 12)))
		return false;
	if (nodf && (ipv6 || pmtu != TM_PMTU_FLOOR4))
		return false;
	return pmtu >= tm_pmtu_floor(ipv6) && ceiling >= tm_pmtu_floor(ipv6) &&
	       (state == TM_PMTU_STATIC || pmtu <= ceiling) && get64(r + AT_AGE) <= TM_PMTU_TIME_MAX &&
	       get32(r + AT_LATE) <= TM_PMTU_LATE_MAX;
}

static int check(const uint8_t *bytes, size_t length, struct tm_error *e)
{
	uint64_t wall_ms, records = length / TM_PMTU_RECORD;
	int err = tm_pmtu_load_head(bytes, length, &wall_ms, e);

	if (err)
		return err;
	if (length % TM_PMTU_RECORD || records < 2 || !is_whole(bytes + (records - 1) * TM_PMTU_RECORD, TAIL))
		return tm_error(e, "breaks off after %zu bytes", length);
	if (get64(bytes + (records - 1) * TM_PMTU_RECORD + AT_COUNT) != records - 2)
		return tm_error(e, "has %llu entries where its end says %llu", (unsigned long long)records - 2,
				(unsigned long long)get64(bytes + (records - 1) * TM_PMTU_RECORD + AT_COUNT));
	for (uint64_t i = 1; i < records - 1; i++) {
		const uint8_t *record = bytes + i * TM_PMTU_RECORD;

		if (!is_whole(record, ENTRY) || !makes_sense(record))
			return tm_error(e, "is damaged at byte %llu", (unsigned long long)i * TM_PMTU_RECORD);
	}
	return 0;
}

/* False where there is no room. */
static bool take_entry(struct tm_pmtu *p, const uint8_t *r, uint32_t tag, uint64_t now, uint64_t away_ms)
{
	uint64_t age = get64(r + AT_AGE) + away_ms;
	struct tm_path path = { .ipv6 = r[AT_WHAT] & WHAT_IPV6, .tag = tag };
	struct tm_pmtu_slot *slot;
	uint32_t number;

	memcpy(path.addr, r, 16);
	number = tm_pmtu_store_add(&p->store, &path, r[AT_WHAT] & WHAT_STATE);
	if (!number)
		return false;
	slot = tm_pmtu_slot(&p->store, number);
	memcpy(slot->reporter, r + 16, 16);
	slot->pmtu = get16(r + AT_PMTU);
	slot->ceiling = get16(r + AT_PMTU + 2);
	slot->since = now > age ? now - age : 0;
	slot->late = get32(r + AT_LATE);
	slot->hits = get16(r + AT_HITS);
	slot->nodf = (r[AT_WHAT] & WHAT_NODF) != 0;
	slot->origin = (r[AT_WHAT] & WHAT_ORIGIN) >> 2;
	return true;
}

/* Whether the engine takes up a record; its tag, as it is called now. */
static bool is_wanted(const struct tm_pmtu *p, const uint8_t *r, tm_pmtu_retag *retag, void *ctx, uint32_t *tag)
{
	struct tm_path path = { .ipv6 = r[AT_WHAT] & WHAT_IPV6 };

	*tag = get32(r + 32);
	if (retag && !retag(ctx, get32(r + 32), tag))
		return false;
	memcpy(path.addr, r, 16);
	path.tag = *tag;
	return !tm_pmtu_store_find(&p->store, &path);
}

int tm_pmtu_load(struct tm_pmtu *p, const uint8_t *bytes, size_t length, uint64_t now_ms, uint64_t away_ms,
		 tm_pmtu_retag *retag, void *ctx, size_t *loaded, struct tm_error *e)
{
	uint64_t now = tm_pmtu_time(p, now_ms), away = away_ms < TM_PMTU_TIME_MAX ? away_ms : TM_PMTU_TIME_MAX;
	int err = check(bytes, length, e);
	uint32_t tag;

	*loaded = 0;
	if (err)
		return err;
	for (size_t at = TM_PMTU_RECORD; at < length - TM_PMTU_RECORD; at += TM_PMTU_RECORD) {
		if (!is_wanted(p, bytes + at, retag, ctx, &tag))
			continue;
		if (!take_entry(p, bytes + at, tag, now, away))
			break;
		++*loaded;
	}
	if (tm_pmtu_store_sort(&p->store, TM_PMTU_REDUCED) && tm_pmtu_store_sort(&p->store, TM_PMTU_RAISING))
		return 0;
	tm_pmtu_flush(p, false); /* what is not in order would not age in time */
	return tm_error_code(e, -ENOMEM, "out of memory");
}
