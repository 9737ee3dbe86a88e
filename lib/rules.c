/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets of rules, and the image that they make: head, tries, list.
 */
#include "rules.h"
#include "trie.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *va, const void *vb)
{
	const struct tm_prefix *a = va, *b = vb;
	int order = memcmp(a->addr, b->addr, sizeof(a->addr));

	if (!order)
		order = a->len - b->len;
	/* Of equal ones the first stays: the smallest MTU, and any before none. */
	return order ? order : (uint16_t)(a->mtu - 1) - (uint16_t)(b->mtu - 1);
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
static void list(struct tm_words *w, const struct tm_prefix *p, size_t n)
{
	uint32_t at = n <= PK_TRIE_MAX_INDEX / PK_PREFIX_WORDS ? tm_words_allot(w, n * PK_PREFIX_WORDS) :
								 (w->error = -E2BIG, 0);

	for (size_t i = 0; i < n && !w->error; i++) {
		struct pk_prefix *to = (struct pk_prefix *)(w->words + at + i * PK_PREFIX_WORDS);

		memcpy(to->addr, p[i].addr, sizeof(to->addr));
		to->len = p[i].len;
		to->mtu = p[i].mtu;
	}
}

/* The prefixes of one family, sorted, each once: allocated, *n of them. */
static struct tm_prefix *family(struct tm_words *w, const struct tm_ruleset *set, bool ipv6, size_t *n)
{
	struct tm_prefix *p = malloc((set->count + 1) * sizeof(*p));

	*n = 0;
	if (!p) {
		w->error = -ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < set->count; i++)
		if (set->prefixes[i].ipv6 == ipv6)
			p[(*n)++] = set->prefixes[i];
	qsort(p, *n, sizeof(*p), compare);
	*n = unique(p, *n);
	return p;
}

int tm_prefix_order(const struct tm_prefix *a, const struct tm_prefix *b)
{
	int order = a->ipv6 - b->ipv6;

	if (!order)
		order = memcmp(a->addr, b->addr, sizeof(a->addr));
	return order ? order : a->len - b->len;
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

bool tm_prefix_covers(const struct tm_prefix *a, const struct tm_prefix *b)
{
	return a->ipv6 == b->ipv6 && a->len <= b->len && tm_common_bits(a, b) >= a->len;
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
		bool below = above && tm_prefix_covers(above, &p);

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

void tm_ruleset_tries(struct tm_words *w, const struct tm_ruleset *set, uint32_t *root4, uint32_t *root6)
{
	struct tm_prefix *p4, *p6;
	size_t n4, n6;

	p4 = family(w, set, false, &n4);
	p6 = family(w, set, true, &n6);
	*root4 = w->error ? 0 : tm_trie_build(w, p4, n4);
	*root6 = w->error ? 0 : tm_trie_build(w, p6, n6);
	free(p4);
	free(p6);
}

int tm_image_build(struct tm_image *image, const struct tm_ruleset *set)
{
	struct tm_words w = { 0 };
	static const struct tm_ruleset no_routes;
	const struct tm_ruleset *routes = set->routes ? set->routes : &no_routes;
	struct pk_rules_head head = { 0 };
	struct tm_prefix *p4, *p6;
	size_t n4, n6;

	p4 = family(&w, set, false, &n4);
	p6 = family(&w, set, true, &n6);
	tm_words_allot(&w, sizeof(head) / sizeof(uint32_t));
	if (!w.error) {
		head.root4 = tm_trie_build(&w, p4, n4);
		head.root6 = tm_trie_build(&w, p6, n6);
		tm_ruleset_tries(&w, routes, &head.routes4, &head.routes6);
		head.list = w.count;
		list(&w, p4, n4);
		list(&w, p6, n6);
		tm_words_allot(&w, PK_TRIE_MAX_RANGES); /* so many words are read at once */
	}
	free(p4);
	free(p6);
	if (w.error) {
		free(w.words);
		return w.error;
	}
	head.words = w.count;
	head.prefixes4 = n4;
	head.prefixes6 = n6;
	memcpy(head.hooks, set->hooks, sizeof(head.hooks));
	memcpy(w.words, &head, sizeof(head));
	image->words = w.words;
	image->count = w.count;
	return 0;
}

void tm_image_free(struct tm_image *image)
{
	free(image->words);
	*image = (struct tm_image){ 0 };
}
