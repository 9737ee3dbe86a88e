/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "nft-parts.h"

/* The ports of a set, and how many ranges there are. */
static const struct pk_port_range *ports(const struct nft_text *t, uint32_t set, uint32_t *count)
{
	const uint32_t *words = t->in->services->words;
	const struct pk_service_set *s = (const void *)(words + t->head->sets);

	*count = s[set].count;
	return (const void *)(words + s[set].ranges);
}

int nft_find_answers(struct nft_text *t)
{
	t->set_answers = calloc((size_t)t->head->set_count + 1, sizeof(*t->set_answers));
	if (!t->set_answers)
		return -ENOMEM;
	for (uint32_t set = 1; set <= t->head->set_count && t->answers; set++) {
		uint32_t count;
		const struct pk_port_range *ranges = ports(t, set, &count);

		for (uint32_t i = 0; i < count; i++) {
			const struct tm_nft_block *b = t->blocks[ranges[i].block];

			t->set_answers[set] |= b && !b->accelerated;
		}
	}
	return 0;
}

/* Chain KIND_SET: its ports go on in the chains TO_BLOCK of their blocks. */
static void put_ports(const struct nft_text *t, char digit, uint32_t set, char kind, char to, bool only_answers)
{
	uint32_t count;
	const struct pk_port_range *ranges = ports(t, set, &count);
	const char *before = "tcp dport vmap { ";

	fprintf(t->f, NFT_RULE "%c%c_%u ", kind, digit, set);
	for (uint32_t i = 0; i < count; i++) {
		const struct tm_nft_block *b = t->blocks[ranges[i].block];

		if (!b || (b->accelerated && only_answers))
			continue;
		fprintf(t->f, "%s%u-%u : goto %c%c_%u", before, ranges[i].ports >> 16, ranges[i].ports & 0xffff, to,
			digit, b->number);
		before = ", ";
	}
	fputs(" }\n", t->f);
}

int nft_put_sets(const struct nft_text *t, size_t k, bool declare)
{
	bool *seen = calloc((size_t)t->head->set_count + 1, sizeof(*seen));
	char digit = nft_families[k].digit;

	for (size_t i = 0; seen && i < t->range_count[k]; i++) {
		uint32_t set = t->ranges[k][i].set;
		bool answers = t->set_answers[set];

		if (seen[set])
			continue;
		seen[set] = true;
		if (declare)
			fprintf(t->f, "\tchain t%c_%u { }\n", digit, set);
		else
			put_ports(t, digit, set, 't', 'p', false);
		if (declare && answers)
			fprintf(t->f, "\tchain s%c_%u { }\n", digit, set);
		else if (answers)
			put_ports(t, digit, set, 's', 'a', true);
	}
	free(seen);
	return seen ? 0 : -ENOMEM;
}
