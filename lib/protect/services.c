/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each prefix that a block has gets a set of ports: those of the blocks that have it, and behind these those of the next shorter prefix
 * around it. What makes a set is the chain of blocks that can be reached so, nearest first, so equal chains share a set: the ten
 * thousand prefixes of one block are one.
 */
#include "services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clamp.h"
#include "lib/trie.h"

#define SETS_MAX 65535 /* the trie's values have 16 bits */
#define RANGE_WORDS (sizeof(struct pk_port_range) / sizeof(uint32_t))

/* Blocks by their index; nearest first. */
struct chain {
	uint8_t blocks[TM_PROTECT_BLOCKS];
	uint8_t count;
	uint32_t next; /* of the same hash; 0: none */
};

/* A prefix of a block. */
struct entry {
	struct tm_prefix range;
	uint8_t block;
};

struct builder {
	const struct tm_service_block *blocks;
	size_t block_count;
	struct entry *entries; /* sorted by range */
	size_t entry_count;
	struct chain *chains; /* from 1 on */
	uint32_t chain_count, chain_room;
	uint32_t heads[4096]; /* of the chains, by hash */
	struct tm_words w;
};

static int compare(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int order = tm_prefix_order(&a->range, &b->range);

	return order ? order : a->block - b->block;
}

static int gather(struct builder *b)
{
	size_t total = 0;

	for (size_t i = 0; i < b->block_count; i++)
		total += b->blocks[i].config->server_count;
	b->entries = reallocarray(NULL, total + 1, sizeof(*b->entries));
	if (!b->entries)
		return -ENOMEM;
	for (size_t i = 0; i < b->block_count; i++)
		for (size_t k = 0; k < b->blocks[i].config->server_count; k++)
			b->entries[b->entry_count++] =
				(struct entry){ b->blocks[i].config->servers[k].range, (uint8_t)i };
	qsort(b->entries, total, sizeof(*b->entries), compare);
	return 0;
}

/* The number of a chain, which is made where it is new; 0 with the error set. */
static uint32_t intern(struct builder *b, const struct chain *chain)
{
	uint32_t hash = 2166136261u, *head;

	for (unsigned i = 0; i < chain->count; i++)
		hash = (hash ^ chain->blocks[i]) * 16777619u;
	head = &b->heads[(hash ^ hash >> 16) % (sizeof(b->heads) / sizeof(*b->heads))];
	for (uint32_t n = *head; n; n = b->chains[n].next)
		if (b->chains[n].count == chain->count && !memcmp(b->chains[n].blocks, chain->blocks, chain->count))
			return n;
	if (b->chain_count == SETS_MAX) {
		b->w.error = -E2BIG;
		return 0;
	}
	if (b->chain_count + 1 >= b->chain_room) {
		uint32_t room = b->chain_room ? b->chain_room * 2 : 64;
		struct chain *chains = reallocarray(b->chains, room, sizeof(*chains));

		if (!chains) {
			b->w.error = -ENOMEM;
			return 0;
		}
		b->chains = chains;
		b->chain_room = room;
	}
	b->chains[++b->chain_count] = *chain;
	b->chains[b->chain_count].next = *head;
	return *head = b->chain_count;
}

/* The blocks of some entries of one range, and behind them those of the chain around it. */
static struct chain make_chain(const struct builder *b, const struct entry *e, size_t n, uint32_t around)
{
	const struct chain *outer = around ? &b->chains[around] : &(struct chain){ 0 };
	uint64_t has = 0;
	struct chain chain = { 0 };
	bool all = false;

	for (size_t i = 0; i < n; i++) {
		chain.blocks[chain.count++] = e[i].block;
		has |= 1ull << e[i].block;
		all |= tm_protect_all_ports(b->blocks[e[i].block].config);
	}
	for (unsigned i = 0; i < outer->count && !all; i++)
		if (!(has >> outer->blocks[i] & 1))
			chain.blocks[chain.count++] = outer->blocks[i];
	return chain;
}

/* Writes the prefixes with their sets' numbers, each once: how many. Those around one lie on a stack, of at most 129 lengths. */
static size_t number_sets(struct builder *b, struct tm_prefix *prefixes)
{
	const struct tm_prefix *around[130];
	unsigned depth = 0;
	size_t count = 0, n;

	for (size_t i = 0; i < b->entry_count && !b->w.error; i += n) {
		const struct entry *e = &b->entries[i];
		struct chain chain;

		for (n = 1; i + n < b->entry_count && !tm_prefix_order(&e->range, &e[n].range);)
			n++;
		while (depth && !tm_prefix_covers(around[depth - 1], &e->range))
			depth--;
		chain = make_chain(b, e, n, depth ? around[depth - 1]->mtu : 0);
		prefixes[count] = e->range;
		prefixes[count].mtu = (uint16_t)intern(b, &chain);
		around[depth++] = &prefixes[count++];
	}
	return count;
}

static int compare_ranges(const void *va, const void *vb)
{
	const struct pk_port_range *a = va, *b = vb;

	return a->ports < b->ports ? -1 : a->ports > b->ports;
}

/* Takes what is taken already out of a range, and writes what is left. `taken` is sorted, and none of it overlaps. */
static size_t cut(const struct pk_port_range *taken, size_t count, struct tm_port_range range, uint32_t block,
		  struct pk_port_range *to)
{
	uint32_t first = range.first;
	size_t n = 0;

	for (size_t i = 0; i < count && first <= range.last; i++) {
		uint32_t begin = taken[i].ports >> 16, end = taken[i].ports & 0xffff;

		if (end < first || begin > range.last)
			continue;
		if (begin > first)
			to[n++] = (struct pk_port_range){ first << 16 | (begin - 1), block };
		first = end + 1;
	}
	if (first <= range.last)
		to[n++] = (struct pk_port_range){ first << 16 | range.last, block };
	return n;
}

/* Appends the ranges of a chain, made in `ranges`, which has room for one of each port. How many. */
static uint32_t put_ranges(struct builder *b, const struct chain *chain, struct pk_port_range *ranges)
{
	uint32_t count = 0, at;

	for (unsigned i = 0; i < chain->count; i++) {
		const struct tm_service_block *block = &b->blocks[chain->blocks[i]];
		uint32_t taken = count;

		for (size_t k = 0; k < block->config->port_count; k++)
			count += cut(ranges, taken, block->config->ports[k], block->number, ranges + count);
		qsort(ranges, count, sizeof(*ranges), compare_ranges);
	}
	at = tm_words_allot(&b->w, count * RANGE_WORDS);
	if (!b->w.error)
		memcpy(b->w.words + at, ranges, count * sizeof(*ranges));
	return count;
}

static void put_sets(struct builder *b, struct pk_services_head *head)
{
	struct pk_port_range *ranges = reallocarray(NULL, 65536, sizeof(*ranges));

	head->set_count = b->chain_count;
	head->sets = tm_words_allot(&b->w, (b->chain_count + 1) * (sizeof(struct pk_service_set) / sizeof(uint32_t)));
	if (!ranges)
		b->w.error = -ENOMEM;
	for (uint32_t n = 1; n <= b->chain_count && !b->w.error; n++) {
		uint32_t count = put_ranges(b, &b->chains[n], ranges);
		struct pk_service_set set = { b->w.count - count * RANGE_WORDS, count };

		memcpy(b->w.words + head->sets + n * (sizeof(set) / sizeof(uint32_t)), &set, sizeof(set));
	}
	free(ranges);
}

static void put_tries(struct builder *b, struct pk_services_head *head)
{
	struct tm_prefix *prefixes = reallocarray(NULL, b->entry_count + 1, sizeof(*prefixes));
	size_t count, ipv4 = 0;

	if (!prefixes) {
		b->w.error = -ENOMEM;
		return;
	}
	count = number_sets(b, prefixes);
	while (ipv4 < count && !prefixes[ipv4].ipv6)
		ipv4++;
	if (!b->w.error) {
		head->root4 = tm_trie_build(&b->w, prefixes, ipv4);
		head->root6 = tm_trie_build(&b->w, prefixes + ipv4, count - ipv4);
	}
	free(prefixes);
}

int tm_services_build(struct tm_image *image, const struct tm_service_block *blocks, size_t count)
{
	struct builder b = { .blocks = blocks, .block_count = count };
	struct pk_services_head head = { 0 };

	b.w.error = gather(&b);
	tm_words_allot(&b.w, sizeof(head) / sizeof(uint32_t));
	if (!b.w.error)
		put_tries(&b, &head);
	if (!b.w.error)
		put_sets(&b, &head);
	tm_words_allot(&b.w, PK_TRIE_MAX_RANGES); /* so many words are read at once */
	free(b.entries);
	free(b.chains);
	if (b.w.error) {
		free(b.w.words);
		return b.w.error;
	}
	head.words = b.w.count;
	memcpy(b.w.words, &head, sizeof(head));
	*image = (struct tm_image){ b.w.words, b.w.count };
	return 0;
}

int tm_services_add_routes(struct tm_image *image, const struct tm_ruleset *routes)
{
	struct pk_services_head *head;
	uint32_t root4, root6;
	struct tm_words w = { 0 };

	tm_words_allot(&w, image->count);
	if (!w.error)
		memcpy(w.words, image->words, (size_t)image->count * sizeof(uint32_t));
	tm_ruleset_tries(&w, routes, &root4, &root6);
	tm_words_allot(&w, PK_TRIE_MAX_RANGES); /* so many words are read at once */
	if (w.error) {
		free(w.words);
		return w.error;
	}
	head = (struct pk_services_head *)w.words;
	head->words = w.count;
	head->routes4 = root4;
	head->routes6 = root6;
	tm_image_free(image);
	*image = (struct tm_image){ w.words, w.count };
	return 0;
}

uint32_t tm_services_find(const struct tm_image *image, bool ipv6, const uint8_t *address, uint16_t port)
{
	struct pk_rules rules = tm_image_rules(image);
	uint8_t key[16] = { 0 };

	memcpy(key, address, ipv6 ? 16 : 4);
	return pk_service_find(&rules, ipv6 ? PK_IPV6 : PK_IPV4, (struct pk_key){ pk_get64(key), pk_get64(key + 8) },
			       port);
}
