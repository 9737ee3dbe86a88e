/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds rules in what iptables-save(8) and `nft list ruleset` print, word by word. What is in quotes is one word.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor-firewall.h"

#define WORD 64 /* bytes; the rest of a longer one is left out */

/* The next word of a line; false at its end. */
static bool next(const char **line, char word[WORD])
{
	const char *p = *line;
	bool quoted = false;
	size_t n = 0;

	while (*p == ' ' || *p == '\t')
		p++;
	if (!*p || *p == '\n')
		return false;
	for (; *p && *p != '\n' && (quoted || (*p != ' ' && *p != '\t')); p++) {
		quoted ^= *p == '"';
		if (n < WORD - 1)
			word[n++] = *p;
	}
	word[n] = 0;
	*line = p;
	return true;
}

static const char *next_line(const char *p)
{
	p = strchr(p, '\n');
	return p ? p + 1 : NULL;
}

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
	char word[WORD], chain[32] = "";
	bool clamp = false;

	while (next(&line, word)) {
		bool target = !strcmp(word, "-j");

		if (!strcmp(word, "-A") && next(&line, word)) {
			snprintf(chain, sizeof(chain), "%.31s", word);
		} else if (target && next(&line, word)) {
			r.queue = !strcmp(word, "NFQUEUE");
			clamp = !strcmp(word, "TCPMSS");
		} else if ((!strcmp(word, "--queue-num") || !strcmp(word, "--queue-balance")) && next(&line, word)) {
			range(&r, word);
		} else if (!strcmp(word, "--queue-bypass")) {
			r.bypass = true;
		} else if (!strcmp(word, "--set-mss") && next(&line, word)) {
			r.mss = strtoul(word, NULL, 10);
		}
	}
	snprintf(r.where, sizeof(r.where), "%s %.15s %s", program, table, chain);
	if (clamp || r.queue)
		keep(w, &r);
}

void tm_firewall_iptables(struct tm_firewall *w, const char *program, const char *text)
{
	char table[WORD] = "";

	for (const char *line = text; line && *line; line = next_line(line)) {
		const char *p = line + 1;

		if (*line == '*')
			next(&p, table);
		else if (line[0] == '-' && line[1] == 'A')
			iptables_rule(w, program, table, line);
	}
}

/* "queue num 3 bypass", "queue flags bypass to 3-5", and nothing for queue 0 */
static void nft_queue(struct tm_firewall_rule *r, const char *line)
{
	char word[WORD];

	r->queue = true;
	while (next(&line, word)) {
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
	char size[WORD], set[WORD], value[WORD];

	if (!next(&line, size) || !next(&line, set) || !next(&line, value) || strcmp(size, "size") ||
	    strcmp(set, "set"))
		return false;
	r->mss = strtoul(value, NULL, 10);
	return true;
}

static void nft_rule(struct tm_firewall *w, const char *where, bool ipv6, const char *line)
{
	char word[WORD];

	while (next(&line, word)) {
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
	char word[WORD], family[WORD] = "", table[WORD] = "", chain[WORD] = "", where[64];

	for (const char *line = text; line && *line; line = next_line(line)) {
		const char *p = line;

		if (!next(&p, word))
			continue;
		if (!strcmp(word, "table")) {
			if (next(&p, family))
				next(&p, table);
		} else if (!strcmp(word, "chain")) {
			next(&p, chain);
		} else {
			snprintf(where, sizeof(where), "nft %.7s %.23s %.23s", family, table, chain);
			nft_rule(w, where, !strcmp(family, "ip6"), line);
		}
	}
}
