/* SPDX-License-Identifier: BSD-2-Clause */
#include "prefixes.h"
#include "samples.h"

#include <string.h>

/* Lengths by how common they are, in percent, rounded from what public route collectors see. */
static const struct {
	uint8_t len, percent;
} shares4[] = { { 24, 60 }, { 23, 10 }, { 22, 12 }, { 21, 5 }, { 20, 5 }, { 19, 3 }, { 18, 2 }, { 16, 3 } },
  shares6[] = { { 48, 48 }, { 32, 12 }, { 44, 11 }, { 40, 10 }, { 36, 6 }, { 29, 5 }, { 46, 5 }, { 47, 3 } };

static uint8_t draw_length(bool ipv6)
{
	unsigned x = bench_random() % 100, i = 0;

	for (; i < 7; i++) {
		unsigned share = ipv6 ? shares6[i].percent : shares4[i].percent;

		if (x < share)
			break;
		x -= share;
	}
	return ipv6 ? shares6[i].len : shares4[i].len;
}

static void fill(uint8_t *p, unsigned n)
{
	while (n--)
		*p++ = bench_random() >> 24;
}

/* Prefixes cluster: most lie in one of a few thousand blocks. */
static void draw_prefix(struct tm_prefix *p, bool ipv6)
{
	unsigned block = bench_random() % (ipv6 ? 6000 : 20000);

	memset(p, 0, sizeof(*p));
	p->ipv6 = ipv6;
	p->len = draw_length(ipv6);
	p->mtu = 1281 + bench_random() % 219;
	fill(p->addr, ipv6 ? 16 : 4);
	if (ipv6) {
		p->addr[0] = 0x20 | block % 13;
		p->addr[1] = block >> 8;
		p->addr[2] = block * 37;
		p->addr[3] = block * 101;
	} else {
		p->addr[0] = 1 + block % 223;
		p->addr[1] = block >> 6;
	}
	for (unsigned i = p->len; i < 128; i++)
		p->addr[i / 8] &= ~(0x80 >> i % 8);
}

/* Keeps out what is there already: an open hash of indices. */
static bool is_new(const struct tm_ruleset *set, const struct tm_prefix *p, uint32_t *table, uint32_t mask)
{
	uint32_t h = p->len * 0x9e3779b1u;

	for (unsigned i = 0; i < 16; i++)
		h = (h ^ p->addr[i]) * 0x01000193u;
	for (h ^= h >> 15;; h++) {
		const struct tm_prefix *q = &set->prefixes[table[h & mask] - 1];

		if (!table[h & mask]) {
			table[h & mask] = set->count + 1;
			return true;
		}
		if (q->len == p->len && q->ipv6 == p->ipv6 && !memcmp(q->addr, p->addr, sizeof(p->addr)))
			return false;
	}
}

int bench_prefixes(struct tm_ruleset *set)
{
	static uint32_t table[1 << 19];
	int err = 0;

	memset(table, 0, sizeof(table));
	while (!err && set->count < 2 * BENCH_PREFIXES) {
		struct tm_prefix p;

		draw_prefix(&p, set->count >= BENCH_PREFIXES);
		if (is_new(set, &p, table, (1 << 19) - 1))
			err = tm_ruleset_add(set, &p);
	}
	return err;
}

void bench_prefix_address(const struct tm_ruleset *set, int family, uint8_t address[16])
{
	const struct tm_prefix *p =
		&set->prefixes[(family == 4 ? 0 : BENCH_PREFIXES) + bench_random() % BENCH_PREFIXES];

	fill(address, 16);
	for (unsigned i = 0; i < 16; i++) {
		unsigned fixed = p->len > i * 8 ? p->len - i * 8 : 0;
		uint8_t mask = fixed >= 8 ? 0 : 0xff >> fixed;

		address[i] = (address[i] & mask) | p->addr[i];
	}
}
