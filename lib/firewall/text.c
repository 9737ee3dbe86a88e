/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds rules in what iptables-save(8) and `nft list ruleset` print, word by word. What is in quotes is one word.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/doctor/firewall.h"
#include "tracking.h"
#include "words.h"

/* "7", "3:5", "3-5" */
static void range(struct tm_firewall_rule *r, const char *text)
{
	char *end;

	r->first = r->last = strtoul(text, &end, 10);
	if (*end == ':' || *end == '-')
		r->last = strtoul(end + 1, NULL, 10);
}

static void keep(struct tm_firewall *w, const struct tm_firewall_rule *r)
{
	if (w->count < TM_FIREWALL_RULES)
		w->rules[w->count++] = *r;
	else
		w->more = true;
}

static void iptables_rule(struct tm_firewall *w, const char *program, const char *table, const char *line)
{
	struct tm_firewall_rule r = { .ipv6 = program[2] == '6' };
	char word[TM_WORD], chain[32] = "";
	bool clamp = false;

	while (tm_next_word(&line, word)) {
		bool target = !strcmp(word, "-j");

		if (!strcmp(word, "-A") && tm_next_word(&line, word)) {
			snprintf(chain, sizeof(chain), "%.31s", word);
		} else if (target && tm_next_word(&line, word)) {
			r.queue = !strcmp(word, "NFQUEUE");
			clamp = !strcmp(word, "TCPMSS");
		} else if ((!strcmp(word, "--queue-num") || !strcmp(word, "--queue-balance")) &&
			   tm_next_word(&line, word)) {
			range(&r, word);
		} else if (!strcmp(word, "--queue-bypass")) {
			r.bypass = true;
		} else if (!strcmp(word, "--set-mss") && tm_next_word(&line, word)) {
			r.mss = strtoul(word, NULL, 10);
		}
	}
	snprintf(r.where, sizeof(r.where), "%s %.15s %s", program, table, chain);
	if (clamp || r.queue)
		keep(w, &r);
}

void tm_firewall_iptables(struct tm_firewall *w, const char *program, const char *text)
{
	char table[TM_WORD] = "";

	for (const char *line = text; line && *line; line = tm_next_line(line)) {
		const char *p = line + 1;

		if (*line == '*')
			tm_next_word(&p, table);
		else if (*line == ':' || (line[0] == '-' && line[1] == 'A'))
			tm_tracking_iptables(w, program, table, line);
		if (line[0] == '-' && line[1] == 'A')
			iptables_rule(w, program, table, line);
	}
}

/* "queue num 3 bypass", "queue flags bypass to 3-5", and nothing for queue 0 */
static void nft_queue(struct tm_firewall_rule *r, const char *line)
{
	char word[TM_WORD];

	r->queue = true;
	while (tm_next_word(&line, word)) {
		if (isdigit((unsigned char)*word))
			range(r, word);
		else if (strstr(word, "bypass"))
			r->bypass = true;
		else if (strcmp(word, "num") && strcmp(word, "to") && strcmp(word, "flags") && !strstr(word, "fanout"))
			break; /* the statement is over: a comment */
	}
}

/* "tcp option maxseg size set 1200", or "… set rt mtu"; false where it is only looked at. */
static bool nft_clamp(struct tm_firewall_rule *r, const char *line)
{
	char size[TM_WORD], set[TM_WORD], value[TM_WORD];

	if (!tm_next_word(&line, size) || !tm_next_word(&line, set) || !tm_next_word(&line, value) ||
	    strcmp(size, "size") || strcmp(set, "set"))
		return false;
	r->mss = strtoul(value, NULL, 10);
	return true;
}

static void nft_rule(struct tm_firewall *w, const char *where, bool ipv6, const char *line)
{
	char word[TM_WORD];

	while (tm_next_word(&line, word)) {
		struct tm_firewall_rule r = { .ipv6 = ipv6 };
		bool found = !strcmp(word, "maxseg") && nft_clamp(&r, line);

		if (!strcmp(word, "queue")) {
			nft_queue(&r, line);
			found = true;
		}
		snprintf(r.where, sizeof(r.where), "%s", where);
		if (found)
			keep(w, &r);
	}
}

void tm_firewall_nft(struct tm_firewall *w, const char *text)
{
	struct tm_nft_chains chains;
	struct tm_nft_place place = { 0 };
	char where[64];

	tm_nft_chains_find(&chains, text);
	for (const char *line = text; line && *line; line = tm_next_line(line)) {
		if (!tm_nft_go_on(&place, line))
			continue;
		snprintf(where, sizeof(where), "nft %.7s %.23s %.23s", place.family, place.table, place.chain);
		nft_rule(w, where, !strcmp(place.family, "ip6"), line);
		tm_tracking_nft(w, &chains, &place, line);
	}
}
