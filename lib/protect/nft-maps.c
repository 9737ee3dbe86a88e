/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "nft-parts.h"

static void put_address(FILE *f, const uint8_t *bytes, bool ipv6)
{
	char word[INET6_ADDRSTRLEN];

	inet_ntop(ipv6 ? AF_INET6 : AF_INET, bytes, word, sizeof(word));
	fputs(word, f);
}

/* map NAME { type ADDRESS : verdict; elements FIRST-LAST : goto KIND_SET, … } */
static void put_ranges(const struct nft_text *t, size_t k, const char *name, char kind, bool only_answers)
{
	const struct nft_family *family = &nft_families[k];
	const char *before = "\t\telements = { ";

	fprintf(t->f, "\tmap %s%c {\n\t\ttype %s : verdict\n\t\tflags interval\n", name, family->digit, family->type);
	for (size_t i = 0; i < t->range_count[k]; i++) {
		const struct tm_service_range *r = &t->ranges[k][i];

		if (only_answers && !t->set_answers[r->set])
			continue;
		fputs(before, t->f);
		put_address(t->f, r->first, family->family == PK_IPV6);
		fputc('-', t->f);
		put_address(t->f, r->last, family->family == PK_IPV6);
		fprintf(t->f, " : goto %c%c_%u", kind, family->digit, r->set);
		before = ",\n\t\t\t";
	}
	fputs(*before == ',' ? " }\n\t}\n" : "\t}\n", t->f);
}

/* known4: servers of which something is known; learned4: the same, and what SYNPROXY tells of them */
static void put_servers(const struct nft_text *t, size_t k, bool offers)
{
	const char *before = "\t\telements = { ";

	fprintf(t->f, "\t%s%c {\n\t\ttype %s . inet_service%s\n", offers ? "map learned" : "set known",
		nft_families[k].digit, nft_families[k].type, offers ? " : verdict" : "");
	for (size_t i = 0; i < t->in->server_count; i++) {
		const struct tm_nft_server *s = &t->in->servers[i];

		if (s->key.family != nft_families[k].family || !nft_has_offer(t, &s->offer))
			continue;
		fputs(before, t->f);
		put_address(t->f, s->key.addr, s->key.family == PK_IPV6);
		fprintf(t->f, " . %u", s->key.port);
		if (offers) {
			fputs(" : goto ", t->f);
			nft_put_offer_name(t->f, &s->offer);
		}
		before = ",\n\t\t\t";
	}
	fputs(*before == ',' ? " }\n\t}\n" : "\t}\n", t->f);
}

/* All prefixes of all blocks; for free(). NULL without memory. */
static struct tm_prefix *all_prefixes(const struct tm_nft_input *in, size_t *count)
{
	struct tm_prefix *list;
	size_t n = 0;

	*count = 0;
	for (size_t i = 0; i < in->block_count; i++)
		n += in->blocks[i].config->server_count;
	list = calloc(n + 1, sizeof(*list));
	for (size_t i = 0; list && i < in->block_count; i++) {
		const struct tm_config_protect *c = in->blocks[i].config;

		for (size_t s = 0; s < c->server_count; s++)
			list[(*count)++] = c->servers[s].range;
	}
	return list;
}

int nft_find_ranges(struct nft_text *t)
{
	size_t prefix_count;
	struct tm_prefix *prefixes = all_prefixes(t->in, &prefix_count);
	int err = prefixes ? 0 : -ENOMEM;

	for (size_t k = 0; k < NFT_FAMILIES && !err; k++)
		err = tm_service_ranges(&t->ranges[k], &t->range_count[k], t->in->services,
					nft_families[k].family == PK_IPV6, prefixes, prefix_count);
	free(prefixes);
	return err;
}

void nft_put_maps(const struct nft_text *t, size_t k)
{
	put_ranges(t, k, "to", 't', false);
	if (!t->answers)
		return;
	put_ranges(t, k, "syn", 's', true);
	put_servers(t, k, true);
	put_servers(t, k, false);
}
