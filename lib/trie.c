/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies below a node is always a run of the sorted array; a node covers a run.
 *
 * Where nothing goes deeper than 16 bits more and the ranges are few, it becomes a list of them. Else it becomes a skip where all
 * of the run share 4 bits or more, and a branch where they part sooner; also where they share up to 16 bits and are so many that
 * a branch can take these along. A branch has no more children than there are prefixes below it, or than four times those in
 * use; but up to 16 in any case (fewer only at the end of a half), which bounds a lookup, and fewer would save nothing below a
 * cache line. So the image stays small (tests/unit/rules.c) and the ways short (docs/performance.md).
 */
#include "trie.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bits `from` to `from + n` (n ≤ 32) of an address. */
static uint32_t bits(const struct tm_prefix *p, unsigned from, unsigned n)
{
	uint32_t value = 0;

	for (unsigned i = from; i < from + n; i++)
		value = value << 1 | (i < 128 ? p->addr[i / 8] >> (7 - i % 8) & 1 : 0);
	return value;
}

unsigned tm_common_bits(const struct tm_prefix *a, const struct tm_prefix *b)
{
	for (unsigned i = 0; i < 16; i++) {
		uint8_t differ = a->addr[i] ^ b->addr[i];

		if (differ)
			return i * 8 + (unsigned)__builtin_clz(differ) - 24;
	}
	return 128;
}

uint32_t tm_words_allot(struct tm_words *w, uint32_t n)
{
	uint32_t at = w->count;

	if (w->error)
		return 0;
	if (n > PK_TRIE_MAX_INDEX || at > PK_TRIE_MAX_INDEX - n) {
		w->error = -E2BIG;
		return 0;
	}
	if (at + n > w->room) {
		uint32_t room = (at + n) * 2;
		uint32_t *words = realloc(w->words, (size_t)room * sizeof(*words));

		if (!words) {
			w->error = -ENOMEM;
			return 0;
		}
		w->words = words;
		w->room = room;
	}
	memset(w->words + at, 0, n * sizeof(*w->words));
	w->count = at + n;
	return at;
}

/* No step goes over it. */
static unsigned half_end(unsigned pos)
{
	return pos < PK_TRIE_HALF ? PK_TRIE_HALF : 2 * PK_TRIE_HALF;
}

static uint32_t node(struct tm_words *w, const struct tm_prefix *p, size_t n, unsigned pos, uint32_t def);

/* The entry of a node below another one, which may begin the second half of the key. */
static uint32_t child(struct tm_words *w, const struct tm_prefix *p, size_t n, unsigned pos, uint32_t def)
{
	uint32_t entry = node(w, p, n, pos, def), at;

	if (pos != PK_TRIE_HALF || PK_TRIE_TYPE(entry) == PK_TRIE_LEAF)
		return entry;
	at = tm_words_allot(w, 1);
	if (w->error)
		return 0;
	w->words[at] = entry;
	return PK_TRIE_ENTRY(PK_TRIE_LEAF, 1, at);
}

static uint32_t skip(struct tm_words *w, const struct tm_prefix *p, size_t n, unsigned pos, unsigned to, uint32_t def)
{
	unsigned len = to - pos > 32 ? 32 : to - pos;
	uint32_t at = tm_words_allot(w, 3), below = child(w, p, n, pos + len, def);

	if (w->error)
		return 0;
	w->words[at] = bits(p, pos, len);
	w->words[at + 1] = below;
	w->words[at + 2] = PK_TRIE_ENTRY(PK_TRIE_LEAF, 0, def);
	return PK_TRIE_ENTRY(PK_TRIE_SKIP, len - 1, at);
}

/* How many bits a branch at pos takes. */
static unsigned stride(const struct tm_prefix *p, size_t n, unsigned pos)
{
	size_t parted[PK_TRIE_MAX_STRIDE] = { 0 }, used = 1;
	unsigned left = half_end(pos) - pos, best = left < PK_TRIE_MIN_STRIDE ? left : PK_TRIE_MIN_STRIDE;

	for (size_t i = 1; i < n; i++) {
		unsigned at = tm_common_bits(&p[i - 1], &p[i]);

		if (at >= pos && at < pos + PK_TRIE_MAX_STRIDE)
			parted[at - pos]++;
	}
	for (unsigned s = 1; s <= PK_TRIE_MAX_STRIDE && s <= left; s++) {
		used += parted[s - 1];
		if (s > best && (used * 4 >= (size_t)1 << s || n >= (size_t)1 << s))
			best = s;
	}
	return best;
}

static uint32_t branch(struct tm_words *w, const struct tm_prefix *p, size_t n, unsigned pos, uint32_t def)
{
	unsigned s = stride(p, n, pos);
	uint32_t children = 1u << s, at = tm_words_allot(w, children), value = 0;
	uint32_t *defs = malloc(children * sizeof(*defs));
	size_t i = 0;

	if (!defs)
		w->error = -ENOMEM;
	if (w->error)
		goto out;
	for (value = 0; value < children; value++)
		defs[value] = def;
	/* A short prefix covers several children; the longer ones that follow it override. */
	for (i = 0; i < n; i++) {
		uint32_t first = bits(&p[i], pos, s);

		if (p[i].len > pos && p[i].len < pos + s)
			for (value = first; value < first + (1u << (pos + s - p[i].len)); value++)
				defs[value] = p[i].mtu;
	}
	for (value = 0, i = 0; value < children; value++) {
		size_t from = i;
		uint32_t below;

		while (i < n && bits(&p[i], pos, s) == value)
			i++;
		below = child(w, p + from, i - from, pos + s, defs[value]);
		if (w->error)
			goto out;
		w->words[at + value] = below;
	}
out:
	free(defs);
	return w->error ? 0 : PK_TRIE_ENTRY(PK_TRIE_BRANCH, PK_TRIE_MAX_STRIDE - s, at);
}

/* The MTU at a place of the next bits: of the longest prefix of the run that holds it. */
static uint32_t mtu_at(const struct tm_prefix *p, size_t n, unsigned pos, uint32_t place, uint32_t def)
{
	uint32_t mtu = def;

	for (size_t i = 0; i < n; i++) /* of nested ones the longest comes last */
		if ((bits(&p[i], pos, PK_TRIE_RANGE_BITS) ^ place) >> (pos + PK_TRIE_RANGE_BITS - p[i].len) == 0)
			mtu = p[i].mtu;
	return mtu;
}

static int compare_words(const void *a, const void *b)
{
	return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : *(const uint32_t *)a > *(const uint32_t *)b;
}

/* The run as ranges of the next bits: an entry, or 0 where they are too many or something goes deeper. */
static uint32_t ranges(struct tm_words *w, const struct tm_prefix *p, size_t n, unsigned pos, uint32_t def)
{
	uint32_t places[2 * PK_TRIE_MAX_RANGES + 1] = { 0 }, words[2 * PK_TRIE_MAX_RANGES + 2];
	unsigned edges = 1, count = 0;
	uint32_t at;

	if (n > PK_TRIE_MAX_RANGES)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i].len > pos + PK_TRIE_RANGE_BITS || p[i].len > half_end(pos))
			return 0;
		places[edges++] = bits(&p[i], pos, PK_TRIE_RANGE_BITS);
		places[edges++] = bits(&p[i], pos, PK_TRIE_RANGE_BITS) + (1u << (pos + PK_TRIE_RANGE_BITS - p[i].len));
	}
	qsort(places, edges, sizeof(*places), compare_words);
	for (unsigned i = 0; i < edges && !(places[i] >> PK_TRIE_RANGE_BITS); i++) {
		uint32_t mtu = mtu_at(p, n, pos, places[i], def);

		if (!count || (words[count - 1] & 0xffff) != mtu)
			words[count++] = places[i] << 16 | mtu;
	}
	words[count] = words[count - 1];
	count += count & 1;
	if (count > PK_TRIE_MAX_RANGES)
		return 0;
	at = tm_words_allot(w, count);
	if (w->error)
		return 0;
	memcpy(w->words + at, words, count * sizeof(*words));
	return PK_TRIE_ENTRY(PK_TRIE_RANGES, count / 2 - 1, at);
}

/* The entry for a run that shares its first `pos` bits; `def` is the MTU of the longest prefix above. */
static uint32_t node(struct tm_words *w, const struct tm_prefix *p, size_t n, unsigned pos, uint32_t def)
{
	unsigned shared;
	uint32_t entry;

	/* Shorter ones are in `def` already. */
	for (; n && p->len <= pos; p++, n--)
		if (p->len == pos)
			def = p->mtu;
	if (!n || w->error)
		return PK_TRIE_ENTRY(PK_TRIE_LEAF, 0, def);
	entry = ranges(w, p, n, pos, def);
	if (entry || w->error)
		return entry;
	shared = tm_common_bits(p, p + n - 1);
	if (shared > p->len)
		shared = p->len;
	if (shared > half_end(pos))
		shared = half_end(pos);
	if (shared >= pos + PK_TRIE_MIN_STRIDE && (shared > pos + PK_TRIE_MAX_STRIDE || n >> (shared - pos) < 4))
		return skip(w, p, n, pos, shared, def);
	return branch(w, p, n, pos, def);
}

uint32_t tm_trie_build(struct tm_words *w, const struct tm_prefix *p, size_t n)
{
	return node(w, p, n, 0, 0);
}
