/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that is written is numbers and words of ours, but for the blocks' names, which stand in quotes and have no character that means
 * anything there (lib/words.h).
 */
#include <errno.h>
#include <stdlib.h>

#include "nft-parts.h"

const struct nft_family nft_families[NFT_FAMILIES] = {
	{ PK_IPV4, '4', "ip", "ipv4_addr", 536 },
	{ PK_IPV6, '6', "ip6", "ipv6_addr", 1220 },
};

static bool same(const struct tm_synproxy *a, const struct tm_synproxy *b)
{
	return a->mss == b->mss && a->wscale == b->wscale && a->sack == b->sack && a->timestamps == b->timestamps;
}

bool nft_has_offer(const struct nft_text *t, const struct tm_synproxy *offer)
{
	for (size_t i = 0; i < t->offer_count; i++)
		if (same(&t->offers[i], offer))
			return true;
	return false;
}

static void add_offer(struct nft_text *t, const struct tm_synproxy *offer)
{
	if (!nft_has_offer(t, offer) && t->offer_count < TM_SYNPROXY_OFFERS)
		t->offers[t->offer_count++] = *offer;
}

/* Of offers the usual ones first: they need their places. */
static void collect(struct nft_text *t)
{
	for (size_t i = 0; i < t->in->block_count; i++) {
		const struct tm_nft_block *b = &t->in->blocks[i];

		t->blocks[b->number] = b;
		if (b->accelerated)
			continue;
		t->answers = true;
		for (size_t k = 0; k < NFT_FAMILIES; k++)
			add_offer(t, &b->usual[nft_families[k].family]);
	}
	for (size_t i = 0; t->answers && i < t->in->server_count; i++)
		add_offer(t, &t->in->servers[i].offer);
}

void nft_put_offer_name(FILE *f, const struct tm_synproxy *o)
{
	fprintf(f, "offer_%u", o->mss);
	if (o->wscale != TM_WSCALE_NONE)
		fprintf(f, "_w%u", o->wscale);
	fprintf(f, "%s%s", o->timestamps ? "_ts" : "", o->sack ? "_sack" : "");
}

static void put_hooks(const struct nft_text *t)
{
	fputs("\tchain forward { type filter hook forward priority -5; }\n"
	      "\tchain input { type filter hook input priority -5; }\n",
	      t->f);
	if (t->answers)
		fputs("\tchain small { }\n"
		      "\tchain raw { type filter hook prerouting priority -300; }\n"
		      "\tchain out { type filter hook output priority -199; }\n",
		      t->f);
}

/* What can be referred to, empty. */
static int put_declarations(const struct nft_text *t)
{
	int err = 0;

	fputs("\tcomment \"made by tcpmss protect\"\n\tchain cookies { }\n", t->f);
	for (size_t i = 0; i < t->offer_count; i++) {
		fputs("\tchain ", t->f);
		nft_put_offer_name(t->f, &t->offers[i]);
		fputs(" { }\n", t->f);
	}
	for (size_t k = 0; k < NFT_FAMILIES && !err; k++) {
		char digit = nft_families[k].digit;

		for (size_t i = 0; i < t->in->block_count; i++) {
			const struct tm_nft_block *b = &t->in->blocks[i];
			const char *name = b->config->name;

			fprintf(t->f, "\tchain p%c_%u { comment \"%s\"; }\n", digit, b->number, name);
			if (!b->accelerated)
				fprintf(t->f, "\tchain a%c_%u { comment \"%s\"; }\n", digit, b->number, name);
		}
		err = nft_put_sets(t, k, true);
		nft_put_maps(t, k);
	}
	put_hooks(t);
	return err;
}

/* Rules that stay while the table does. */
static int put_fixed(const struct nft_text *t)
{
	int err = 0;

	/* With every option that a cookie may tell of; that the client got other numbers does not matter any more. */
	fputs(NFT_RULE "cookies synproxy mss 1460 wscale 7 timestamp sack-perm\n" NFT_RULE "cookies drop\n", t->f);
	for (size_t i = 0; i < t->offer_count; i++) {
		const struct tm_synproxy *o = &t->offers[i];

		fputs(NFT_RULE, t->f);
		nft_put_offer_name(t->f, o);
		fprintf(t->f, " synproxy mss %u", o->mss);
		if (o->wscale != TM_WSCALE_NONE)
			fprintf(t->f, " wscale %u", o->wscale);
		fprintf(t->f, "%s%s\n" NFT_RULE, o->timestamps ? " timestamp" : "", o->sack ? " sack-perm" : "");
		nft_put_offer_name(t->f, o);
		fputs(" drop\n", t->f);
	}
	/* A cookie has no MSS below the smallest of its table: such SYNs pass, not too many of them. */
	if (t->answers)
		fprintf(t->f, NFT_RULE "small limit rate %u/second accept\n" NFT_RULE "small drop\n",
			TM_PROTECT_PASSED);
	for (size_t k = 0; k < NFT_FAMILIES && !err; k++)
		err = nft_put_sets(t, k, false);
	return err;
}

static int put_table(struct nft_text *t)
{
	int err = nft_find_ranges(t);

	if (!err)
		err = nft_find_answers(t);
	if (err)
		return err;
	fputs(TM_PROTECT_NFT_REMOVE "table inet " TM_PROTECT_TABLE " {\n", t->f);
	err = put_declarations(t);
	fputs("}\n", t->f);
	return err ? err : put_fixed(t);
}

static char *write_text(const struct tm_nft_input *in, bool all)
{
	struct nft_text t = { .in = in, .head = (const void *)in->services->words };
	char *out = NULL;
	size_t size;
	int err = 0;

	t.f = open_memstream(&out, &size);
	if (!t.f)
		return NULL;
	collect(&t);
	if (all)
		err = put_table(&t);
	nft_put_arm(&t);
	if (ferror(t.f))
		err = -ENOMEM;
	if (fclose(t.f))
		err = -ENOMEM;
	for (size_t k = 0; k < NFT_FAMILIES; k++)
		free(t.ranges[k]);
	free(t.set_answers);
	if (!err)
		return out;
	free(out);
	return NULL;
}

char *tm_protect_nft_table(const struct tm_nft_input *in)
{
	return write_text(in, true);
}

char *tm_protect_nft_arm(const struct tm_nft_input *in)
{
	return write_text(in, false);
}
