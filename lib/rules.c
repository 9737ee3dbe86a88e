/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiles prefixes into the trie of core/rules.h.
 *
 * The prefixes are sorted by address, then length: what lies below a node is always a run of the array, and a prefix that covers
 * others stands before them. A node covers a run; it becomes a skip where all of the run share bits, a branch where they
 * part, or soon will. A branch gets as many bits as leave at least a quarter of its children in use, but four in any case: fewer would save
 * nothing below a cache line.
 */
#include "rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STRIDE 16

struct builder {
	uint32_t *words;
	uint32_t count, room;
	int error;
};

/* Bits `from` to `from + n` (n ≤ 32) of an address. */
static uint32_t bits(const struct tm_prefix *p, unsigned from, unsigned n)
{
	uint32_t value = 0;

	for (unsigned i = from; i < from + n; i++)
		value = value << 1 | (i < 128 ? p->addr[i / 8] >> (7 - i % 8) & 1 : 0);
	return value;
}

static unsigned common_bits(const struct tm_prefix *a, const struct tm_prefix *b)
{
	for (unsigned i = 0; i < 16; i++) {
		uint8_t differ = a->addr[i] ^ b->addr[i];

		if (differ)
			return i * 8 + (unsigned)__builtin_clz(differ) - 24;
	}
	return 128;
}

static int compare(const void *va, const void *vb)
{
	const struct tm_prefix *a = va, *b = vb;
	int order = memcmp(a->addr, b->addr, sizeof(a->addr));

	if (!order)
		order = a->len - b->len;
	/* Of equal ones the first stays: the smallest MTU, and any before none. */
	return order ? order : (uint16_t)(a->mtu - 1) - (uint16_t)(b->mtu - 1);
}

static uint32_t allot(struct builder *b, uint32_t n)
{
	uint32_t at = b->count;

	if (b->error)
		return 0;
	if (n > PK_TRIE_MAX_INDEX || at > PK_TRIE_MAX_INDEX - n) {
		b->error = -E2BIG;
		return 0;
	}
	if (at + n > b->room) {
		uint32_t room = (at + n) * 2;
		uint32_t *words = realloc(b->words, (size_t)room * sizeof(*words));

		if (!words) {
			b->error = -ENOMEM;
			return 0;
		}
		b->words = words;
		b->room = room;
	}
	memset(b->words + at, 0, n * sizeof(*b->words));
	b->count = at + n;
	return at;
}

static uint32_t node(struct builder *b, const struct tm_prefix *p, size_t n, unsigned pos, uint32_t def);

static uint32_t skip(struct builder *b, const struct tm_prefix *p, size_t n, unsigned pos, unsigned to, uint32_t def)
{
	unsigned len = to - pos > 32 ? 32 : to - pos;
	uint32_t at = allot(b, 3), below = node(b, p, n, pos + len, def);

	if (b->error)
		return 0;
	b->words[at] = bits(p, pos, len);
	b->words[at + 1] = below;
	b->words[at + 2] = def;
	return PK_TRIE_ENTRY(PK_TRIE_SKIP, len - 1, at);
}

/* The widest stride from pos on of whose children a quarter are in use. */
static unsigned stride(const struct tm_prefix *p, size_t n, unsigned pos)
{
	size_t parted[MAX_STRIDE] = { 0 }, used = 1;
	unsigned best = PK_TRIE_MIN_STRIDE;

	for (size_t i = 1; i < n; i++) {
		unsigned at = common_bits(&p[i - 1], &p[i]);

		if (at >= pos && at < pos + MAX_STRIDE)
			parted[at - pos]++;
	}
	for (unsigned s = 1; s <= MAX_STRIDE && pos + s <= 128; s++) {
		used += parted[s - 1];
		if (s > best && used * 4 >= (size_t)1 << s)
			best = s;
	}
	return best;
}

static uint32_t branch(struct builder *b, const struct tm_prefix *p, size_t n, unsigned pos, uint32_t def)
{
	unsigned s = stride(p, n, pos);
	uint32_t children = 1u << s, at = allot(b, children), value = 0;
	uint32_t *defs = malloc(children * sizeof(*defs));
	size_t i = 0;

	if (!defs)
		b->error = -ENOMEM;
	if (b->error)
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
		below = node(b, p + from, i - from, pos + s, defs[value]);
		if (b->error)
			goto out;
		b->words[at + value] = below;
	}
out:
	free(defs);
	return b->error ? 0 : PK_TRIE_ENTRY(PK_TRIE_BRANCH, s, at);
}

/* The entry for a run that shares its first `pos` bits; `def` is the MTU of the longest prefix above. */
static uint32_t node(struct builder *b, const struct tm_prefix *p, size_t n, unsigned pos, uint32_t def)
{
	unsigned shared;

	/* Shorter ones are in `def` already. */
	for (; n && p->len <= pos; p++, n--)
		if (p->len == pos)
			def = p->mtu;
	if (!n || b->error)
		return PK_TRIE_ENTRY(PK_TRIE_LEAF, 0, def);
	shared = common_bits(p, p + n - 1);
	if (shared > p->len)
		shared = p->len;
	if (shared >= pos + PK_TRIE_MIN_STRIDE)
		return skip(b, p, n, pos, shared, def);
	return branch(b, p, n, pos, def);
}

static size_t unique(struct tm_prefix *p, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept && p[kept - 1].len == p[i].len && !memcmp(p[kept - 1].addr, p[i].addr, sizeof(p[i].addr)))
			continue;
		p[kept++] = p[i];
	}
	return kept;
}

/* Appends the prefixes as they were given. */
static void list(struct builder *b, const struct tm_prefix *p, size_t n)
{
	uint32_t at = n <= PK_TRIE_MAX_INDEX / PK_PREFIX_WORDS ? allot(b, n * PK_PREFIX_WORDS) : (b->error = -E2BIG, 0);

	for (size_t i = 0; i < n && !b->error; i++) {
		struct pk_prefix *to = (struct pk_prefix *)(b->words + at + i * PK_PREFIX_WORDS);

		memcpy(to->addr, p[i].addr, sizeof(to->addr));
		to->len = p[i].len;
		to->mtu = p[i].mtu;
	}
}

/* The prefixes of one family, sorted, each once: allocated, *n of them. */
static struct tm_prefix *family(struct builder *b, const struct tm_ruleset *set, bool ipv6, size_t *n)
{
	struct tm_prefix *p = malloc((set->count + 1) * sizeof(*p));

	*n = 0;
	if (!p) {
		b->error = -ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < set->count; i++)
		if (set->prefixes[i].ipv6 == ipv6)
			p[(*n)++] = set->prefixes[i];
	qsort(p, *n, sizeof(*p), compare);
	*n = unique(p, *n);
	return p;
}

int tm_ruleset_add(struct tm_ruleset *set, const struct tm_prefix *p)
{
	struct tm_prefix *last;

	if (set->count == set->room) {
		size_t room = set->room ? set->room * 2 : 64;
		struct tm_prefix *prefixes = realloc(set->prefixes, room * sizeof(*prefixes));

		if (!prefixes)
			return -ENOMEM;
		set->prefixes = prefixes;
		set->room = room;
	}
	last = &set->prefixes[set->count++];
	*last = *p;
	for (unsigned i = p->len; i < 128; i++)
		last->addr[i / 8] &= ~(0x80 >> i % 8);
	return 0;
}

/* Whether the first `a->len` bits of b are a. */
static bool covers(const struct tm_prefix *a, const struct tm_prefix *b)
{
	return a->ipv6 == b->ipv6 && a->len <= b->len && common_bits(a, b) >= a->len;
}

static int compare_families(const void *va, const void *vb)
{
	const struct tm_prefix *a = va, *b = vb;

	return a->ipv6 != b->ipv6 ? a->ipv6 - b->ipv6 : compare(va, vb);
}

void tm_routes_reduce(struct tm_ruleset *routes)
{
	const struct tm_prefix *above = NULL; /* the widest with an MTU that the following ones may lie below */
	size_t kept = 0;

	if (!routes->count)
		return;
	qsort(routes->prefixes, routes->count, sizeof(*routes->prefixes), compare_families);
	for (size_t i = 0; i < routes->count; i++) {
		struct tm_prefix p = routes->prefixes[i];
		bool below = above && covers(above, &p);

		if (!below && !p.mtu)
			continue;
		routes->prefixes[kept] = p;
		if (!below)
			above = &routes->prefixes[kept];
		kept++;
	}
	routes->count = kept;
}

void tm_ruleset_free(struct tm_ruleset *set)
{
	free(set->prefixes);
	*set = (struct tm_ruleset){ 0 };
}

int tm_image_build(struct tm_image *image, const struct tm_ruleset *set)
{
	struct builder b = { 0 };
	static const struct tm_ruleset no_routes;
	const struct tm_ruleset *routes = set->routes ? set->routes : &no_routes;
	struct tm_prefix *p4, *p6, *r4, *r6;
	struct pk_rules_head head = { 0 };
	size_t n4, n6, m4, m6;

	p4 = family(&b, set, false, &n4);
	p6 = family(&b, set, true, &n6);
	r4 = family(&b, routes, false, &m4);
	r6 = family(&b, routes, true, &m6);
	allot(&b, sizeof(head) / sizeof(uint32_t));
	if (!b.error) {
		head.root4 = node(&b, p4, n4, 0, 0);
		head.root6 = node(&b, p6, n6, 0, 0);
		head.routes4 = node(&b, r4, m4, 0, 0);
		head.routes6 = node(&b, r6, m6, 0, 0);
		head.list = b.count;
		list(&b, p4, n4);
		list(&b, p6, n6);
	}
	free(p4);
	free(p6);
	free(r4);
	free(r6);
	if (b.error) {
		free(b.words);
		return b.error;
	}
	head.words = b.count;
	head.prefixes4 = n4;
	head.prefixes6 = n6;
	memcpy(head.hooks, set->hooks, sizeof(head.hooks));
	memcpy(b.words, &head, sizeof(head));
	image->words = b.words;
	image->count = b.count;
	return 0;
}

void tm_image_free(struct tm_image *image)
{
	free(image->words);
	*image = (struct tm_image){ 0 };
}
