/* SPDX-License-Identifier: BSD-2-Clause */
#include "chains.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNTRACK (-200) /* priority of the kernel's connection tracking in prerouting */
#define ROUNDS 32 /* of jumps from jumps */

bool tm_nft_go_on(struct tm_nft_place *place, const char *line)
{
	char word[TM_WORD];

	if (!tm_next_word(&line, word))
		return false;
	if (!strcmp(word, "table")) {
		if (tm_next_word(&line, word))
			snprintf(place->family, sizeof(place->family), "%.7s", word);
		if (tm_next_word(&line, word))
			memcpy(place->table, word, sizeof(word));
		*place->chain = 0;
		return false;
	}
	if (!strcmp(word, "chain")) {
		if (tm_next_word(&line, word))
			memcpy(place->chain, word, sizeof(word));
		return false;
	}
	return true;
}

static struct tm_nft_chain *find(const struct tm_nft_chains *chains, const struct tm_nft_place *place, const char *name)
{
	for (size_t i = 0; i < chains->count; i++) {
		const struct tm_nft_chain *c = &chains->list[i];

		if (!strcmp(c->name, name) && !strcmp(c->table, place->table) && !strcmp(c->family, place->family))
			return (struct tm_nft_chain *)c;
	}
	return NULL;
}

const struct tm_nft_chain *tm_nft_chain(const struct tm_nft_chains *chains, const struct tm_nft_place *place)
{
	return find(chains, place, place->chain);
}

static struct tm_nft_chain *add(struct tm_nft_chains *chains, const struct tm_nft_place *place)
{
	struct tm_nft_chain *c = find(chains, place, place->chain);

	if (c || chains->count == TM_NFT_CHAINS)
		return c;
	c = &chains->list[chains->count++];
	*c = (struct tm_nft_chain){ 0 };
	memcpy(c->family, place->family, sizeof(c->family));
	memcpy(c->table, place->table, sizeof(c->table));
	memcpy(c->name, place->chain, sizeof(c->name));
	return c;
}

bool tm_nft_is_hook(const char *line)
{
	char word[TM_WORD];

	return tm_next_word(&line, word) && !strcmp(word, "type");
}

/* "type filter hook forward priority -10; policy drop;" */
static void take_hook(struct tm_nft_chain *c, const char *line)
{
	char word[TM_WORD], hook[TM_WORD] = "", type[TM_WORD] = "";
	long priority = 0;
	bool drops = false;

	while (tm_next_word(&line, word)) {
		if (!strcmp(word, "type"))
			tm_next_word(&line, type);
		else if (!strcmp(word, "hook"))
			tm_next_word(&line, hook);
		else if (!strcmp(word, "priority") && tm_next_word(&line, word))
			priority = strtol(word, NULL, 10);
		else if (!strcmp(word, "policy") && tm_next_word(&line, word))
			drops = !strncmp(word, "drop", 4);
	}
	c->base = *hook;
	if (strcmp(c->family, "inet") && strcmp(c->family, "ip") && strcmp(c->family, "ip6"))
		return;
	if (!strcmp(type, "nat")) /* sees the first packets of connections only */
		return;
	c->early = (!strcmp(hook, "prerouting") && priority > CONNTRACK) ||
		   (!strcmp(hook, "forward") && priority <= TM_PROTECT_PRIORITY);
	c->drops = drops && !strcmp(hook, "output");
}

/* A chain that others jump to sees what they see. True where that is news. */
static bool spread(struct tm_nft_chains *chains, const struct tm_nft_place *place, const char *line)
{
	char word[TM_WORD];
	bool news = false;

	while (tm_next_word(&line, word)) {
		struct tm_nft_chain *to;

		if ((strcmp(word, "jump") && strcmp(word, "goto")) || !tm_next_word(&line, word))
			continue;
		word[strcspn(word, ",;")] = 0;
		to = find(chains, place, word);
		if (to && !to->base && !to->early)
			news = to->early = true;
	}
	return news;
}

void tm_nft_chains_find(struct tm_nft_chains *chains, const char *text)
{
	struct tm_nft_place place = { 0 };
	bool news = true;

	chains->count = 0;
	for (const char *line = text; line && *line; line = tm_next_line(line)) {
		struct tm_nft_chain *c = tm_nft_go_on(&place, line) && *place.chain ? add(chains, &place) : NULL;

		if (c && !c->base && tm_nft_is_hook(line))
			take_hook(c, line);
	}
	for (int i = 0; news && i < ROUNDS; i++) {
		news = false;
		for (const char *line = text; line && *line; line = tm_next_line(line)) {
			const struct tm_nft_chain *c = tm_nft_go_on(&place, line) ? tm_nft_chain(chains, &place) : NULL;

			if (c && c->early)
				news |= spread(chains, &place, line);
		}
	}
}
