/* SPDX-License-Identifier: BSD-2-Clause */
#include "nft-parts.h"

#define ONLY_SYN "tcp flags & (fin | syn | rst | ack) == syn"
#define ONLY_ACK "tcp flags & (fin | syn | rst | ack) == ack"
#define SYN_ACK "tcp flags & (fin | syn | rst | ack) == (syn | ack)"

/*
 * A SYN of a client. The gateway's own services are left alone: they have cookies of their own. A trickle to servers of which nothing is
 * known passes: their answers tell it.
 */
static void put_answering(const struct nft_text *t, size_t k, const struct tm_nft_block *b)
{
	char digit = nft_families[k].digit;
	unsigned n = b->number;

	fprintf(t->f, NFT_RULE "a%c_%u fib daddr type local accept\n", digit, n);
	fprintf(t->f, NFT_RULE "a%c_%u tcp option maxseg size < %u goto small\n", digit, n, nft_families[k].mss);
	fprintf(t->f, NFT_RULE "a%c_%u %s daddr . tcp dport != @known%c limit rate %u/second accept\n", digit, n,
		nft_families[k].ip, digit, TM_PROTECT_UNKNOWN);
	fprintf(t->f, NFT_RULE "a%c_%u notrack\n", digit, n);
}

/* What belongs to no connection: the SYNs that are not tracked, and cookies. The rest is what a flood is made of. */
static void put_proxying(const struct nft_text *t, size_t k, const struct tm_nft_block *b)
{
	char digit = nft_families[k].digit;
	unsigned n = b->number;

	if (!b->accelerated && b->arm == TM_PROTECT_ARMED) {
		fprintf(t->f, NFT_RULE "p%c_%u " ONLY_SYN " %s daddr . tcp dport vmap @learned%c\n", digit, n,
			nft_families[k].ip, digit);
		fprintf(t->f, NFT_RULE "p%c_%u " ONLY_SYN " goto ", digit, n);
		nft_put_offer_name(t->f, &b->usual[nft_families[k].family]);
		fputc('\n', t->f);
	}
	fprintf(t->f, NFT_RULE "p%c_%u " ONLY_ACK " goto cookies\n" NFT_RULE "p%c_%u drop\n", digit, n, digit, n);
}

/* What hooks of the kernel come to: nothing, while all blocks are idle. */
static void put_hooks(const struct nft_text *t, bool guarding, bool answering)
{
	static const char *const hooks[] = { "forward", "input" };

	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
		fprintf(t->f, NFT_FLUSH "%s\n", hooks[i]);
		for (size_t k = 0; guarding && k < NFT_FAMILIES; k++)
			fprintf(t->f, NFT_RULE "%s meta l4proto 6 ct state invalid,untracked %s daddr vmap @to%c\n",
				hooks[i], nft_families[k].ip, nft_families[k].digit);
	}
	if (!t->answers)
		return;
	fputs(NFT_FLUSH "raw\n" NFT_FLUSH "out\n", t->f);
	if (!answering)
		return;
	for (size_t k = 0; k < NFT_FAMILIES; k++)
		fprintf(t->f, NFT_RULE "raw " ONLY_SYN " %s daddr vmap @syn%c\n", nft_families[k].ip,
			nft_families[k].digit);
	/* SYNPROXY's SYN-ACK, which conntrack calls invalid, what many rule sets drop; no other one is lost by that. */
	fputs(NFT_RULE "out ct state invalid " SYN_ACK " notrack\n", t->f);
}

void nft_put_arm(const struct nft_text *t)
{
	bool guarding = false, answering = false;

	for (size_t i = 0; i < t->in->block_count; i++) {
		const struct tm_nft_block *b = &t->in->blocks[i];

		guarding |= b->arm != TM_PROTECT_IDLE;
		answering |= b->arm == TM_PROTECT_ARMED && !b->accelerated;
		for (size_t k = 0; k < NFT_FAMILIES; k++) {
			fprintf(t->f, NFT_FLUSH "p%c_%u\n", nft_families[k].digit, b->number);
			if (b->arm != TM_PROTECT_IDLE)
				put_proxying(t, k, b);
			if (b->accelerated)
				continue;
			fprintf(t->f, NFT_FLUSH "a%c_%u\n", nft_families[k].digit, b->number);
			if (b->arm == TM_PROTECT_ARMED)
				put_answering(t, k, b);
		}
	}
	put_hooks(t, guarding, answering);
}
