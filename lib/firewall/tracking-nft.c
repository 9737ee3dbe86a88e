/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracking-parts.h"
#include "lib/protect/nft.h"

#define CT_INVALID 1 /* bit of a state that nft prints as a number */

/* "invalid", "0x1,0x8", "0x1," */
static bool is_invalid(const char *word)
{
	const char *p = word;
	char *end;

	if (strstr(word, "invalid"))
		return true;
	for (;; p = end + 1) {
		unsigned long bits = strtoul(p, &end, 0);

		if (end == p)
			return false;
		if (bits & CT_INVALID)
			return true;
		if (*end != ',')
			return false;
	}
}

/* Behind "ct state": a value, "{ 0x1, 0x40 }", "vmap { 0x1 : drop, … }", "!= 0x1" */
static void nft_state(struct tm_tracking_seen *s, const char **line)
{
	char word[TM_WORD];
	bool map = false;

	if (!tm_next_word(line, word))
		return;
	if (!strcmp(word, "vmap")) {
		map = true;
		if (!tm_next_word(line, word))
			return;
	}
	if (strcmp(word, "{")) {
		s->invalid |= is_invalid(word);
		return;
	}
	while (tm_next_word(line, word) && strcmp(word, "}")) {
		bool invalid = is_invalid(word);

		s->invalid |= invalid;
		if (map && tm_next_word(line, word) && tm_next_word(line, word)) /* ":", and what to do */
			s->drop |= invalid && !strncmp(word, "drop", 4);
	}
}

/* Behind "dport": a number, a range, "{ 80, 1000-2000 }"; all else is any port. */
static void nft_ports(struct tm_tracking_seen *s, const char **line)
{
	char word[TM_WORD];

	if (!tm_next_word(line, word))
		return;
	if (strcmp(word, "{")) {
		tm_tracking_port(s, word);
		return;
	}
	while (tm_next_word(line, word) && strcmp(word, "}"))
		tm_tracking_port(s, word);
}

static bool other_protocol(const char *word)
{
	static const char *const others[] = { "udp", "udplite", "icmp", "icmpv6", "sctp", "dccp", "igmp" };

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(word, others[i]))
			return true;
	return false;
}

/* Behind "l4proto" or "protocol": 6 is TCP. */
static bool nft_protocol(const char **line)
{
	char word[TM_WORD];

	return tm_next_word(line, word) && isdigit((unsigned char)*word) && atoi(word) != 6;
}

static void nft_word(struct tm_tracking_seen *s, const char *before, const char *word, const char **line)
{
	char next[TM_WORD];

	if (!strcmp(word, "synproxy"))
		s->synproxy = true;
	else if (!strcmp(word, "notrack"))
		s->off = true;
	else if (!strcmp(word, "drop") || !strcmp(word, "reject"))
		s->drop = true;
	else if (!strcmp(word, "state") && !strcmp(before, "ct"))
		nft_state(s, line);
	else if (!strcmp(word, "dport") || !strcmp(word, "sport"))
		nft_ports(s, line);
	else if ((!strcmp(word, "iif") || !strcmp(word, "iifname")) && tm_next_word(line, next))
		tm_tracking_device(s, next);
	else if (!strcmp(word, "oif") || !strcmp(word, "oifname"))
		s->rule.narrow = true;
	else if ((!strcmp(word, "daddr") || !strcmp(word, "saddr")) && tm_next_word(line, next))
		tm_tracking_address(s, next, *word == 's');
	else if (!strcmp(word, "l4proto") || !strcmp(word, "protocol"))
		s->other |= nft_protocol(line);
	else if (other_protocol(word))
		s->other = true;
}

void tm_tracking_nft(struct tm_firewall *w, const struct tm_nft_chains *chains, const struct tm_nft_place *place,
		     const char *line)
{
	const struct tm_nft_chain *chain = tm_nft_chain(chains, place);
	struct tm_tracking_seen s = { 0 };
	char word[TM_WORD], before[TM_WORD] = "";

	if (!chain || !strcmp(place->table, TM_PROTECT_TABLE))
		return;
	snprintf(s.rule.where, sizeof(s.rule.where), "nft %.7s %.23s %.23s", place->family, place->table, place->chain);
	if (tm_nft_is_hook(line)) {
		if (chain->drops)
			tm_tracking_keep(w, &s, TM_TRACKING_POLICY);
		return;
	}
	while (tm_next_word(&line, word)) {
		nft_word(&s, before, word, &line);
		memcpy(before, word, sizeof(word));
	}
	tm_tracking_judge(w, &s, chain->early);
}
