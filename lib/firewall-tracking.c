/* SPDX-License-Identifier: BSD-2-Clause */
#include "firewall-tracking.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor-firewall.h"
#include "protect-nft.h"

#define CT_INVALID 1 /* bit of a state that nft prints as a number */

/* What has been seen of a rule. */
struct seen {
	struct tm_tracking_rule rule;
	bool any_port, other; /* other: not for TCP, or for the loopback device */
	bool synproxy, off, invalid, drop;
};

static void add_port(struct seen *s, const char *text)
{
	struct tm_port_range *range;
	char *end;

	if (!isdigit((unsigned char)*text) || s->rule.port_count == TM_TRACKING_PORTS)
		s->any_port = true;
	if (s->any_port)
		return;
	range = &s->rule.ports[s->rule.port_count++];
	range->first = range->last = (uint16_t)strtoul(text, &end, 10);
	if (*end == ':' || *end == '-')
		range->last = (uint16_t)strtoul(end + 1, NULL, 10);
}

static void keep(struct tm_firewall *w, struct seen *s, enum tm_tracking_kind kind)
{
	if (s->other)
		return;
	if (w->tracking_count == TM_TRACKING_RULES) {
		w->more = true;
		return;
	}
	s->rule.kind = kind;
	if (s->any_port)
		s->rule.port_count = 0;
	w->tracking[w->tracking_count++] = s->rule;
}

/* ---- iptables */

/* Of mangle, chains of people's own, too: they are come to from there. */
static bool iptables_early(const char *table, const char *chain)
{
	return !strcmp(table, "mangle") && strcmp(chain, "INPUT") && strcmp(chain, "OUTPUT") &&
	       strcmp(chain, "POSTROUTING");
}

static void iptables_target(struct seen *s, const char *target)
{
	s->synproxy = !strcmp(target, "SYNPROXY");
	s->off = !strcmp(target, "NOTRACK");
	s->drop = !strcmp(target, "DROP") || !strcmp(target, "REJECT");
}

static void iptables_ports(struct seen *s, char *list)
{
	char *rest;

	for (char *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		add_port(s, word);
}

/* ":OUTPUT DROP [0:0]" */
static void iptables_policy(struct tm_firewall *w, const char *program, const char *table, const char *line)
{
	struct seen s = { 0 };
	char chain[TM_WORD], policy[TM_WORD];

	if (!tm_next_word(&line, chain) || !tm_next_word(&line, policy) || strcmp(chain, ":OUTPUT") ||
	    strcmp(policy, "DROP"))
		return;
	snprintf(s.rule.where, sizeof(s.rule.where), "%s %.15s OUTPUT", program, table);
	keep(w, &s, TM_TRACKING_POLICY);
}

void tm_tracking_iptables(struct tm_firewall *w, const char *program, const char *table, const char *line)
{
	struct seen s = { 0 };
	char word[TM_WORD], chain[32] = "";
	bool not = false;

	if (*line == ':') {
		iptables_policy(w, program, table, line);
		return;
	}
	while (tm_next_word(&line, word)) {
		bool was_not = not ;

		not = !strcmp(word, "!");
		if (!strcmp(word, "-A") && tm_next_word(&line, word))
			snprintf(chain, sizeof(chain), "%.31s", word);
		else if (!strcmp(word, "-j") && tm_next_word(&line, word))
			iptables_target(&s, word);
		else if (!strcmp(word, "--notrack"))
			s.off = true;
		else if (!strcmp(word, "-p") && tm_next_word(&line, word))
			s.other |= !was_not && strcmp(word, "tcp") && strcmp(word, "all");
		else if ((!strcmp(word, "-i") || !strcmp(word, "-o")) && tm_next_word(&line, word))
			s.other |= !was_not && !strcmp(word, "lo");
		else if ((!strcmp(word, "--ctstate") || !strcmp(word, "--state")) && tm_next_word(&line, word))
			s.invalid |= !was_not && strstr(word, "INVALID");
		else if (!strncmp(word, "--", 2) && strstr(word, "port") && tm_next_word(&line, word))
			was_not ? (void)(s.any_port = true) : iptables_ports(&s, word);
	}
	snprintf(s.rule.where, sizeof(s.rule.where), "%s %.15s %s", program, table, chain);
	if (s.synproxy)
		keep(w, &s, TM_TRACKING_SYNPROXY);
	else if (s.off)
		keep(w, &s, TM_TRACKING_OFF);
	else if (s.invalid && s.drop && iptables_early(table, chain))
		keep(w, &s, TM_TRACKING_INVALID);
}

/* ---- nftables */

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
static void nft_state(struct seen *s, const char **line)
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
static void nft_ports(struct seen *s, const char **line)
{
	char word[TM_WORD];

	if (!tm_next_word(line, word))
		return;
	if (strcmp(word, "{")) {
		add_port(s, word);
		return;
	}
	while (tm_next_word(line, word) && strcmp(word, "}"))
		add_port(s, word);
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

static void nft_word(struct seen *s, const char *before, const char *word, const char **line)
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
	else if (!strncmp(word, "iif", 3) || !strncmp(word, "oif", 3))
		s->other |= tm_next_word(line, next) && (!strcmp(next, "lo") || !strcmp(next, "\"lo\""));
	else if (!strcmp(word, "l4proto") || !strcmp(word, "protocol"))
		s->other |= nft_protocol(line);
	else if (other_protocol(word))
		s->other = true;
}

void tm_tracking_nft(struct tm_firewall *w, const struct tm_nft_chains *chains, const struct tm_nft_place *place,
		     const char *line)
{
	const struct tm_nft_chain *chain = tm_nft_chain(chains, place);
	struct seen s = { 0 };
	char word[TM_WORD], before[TM_WORD] = "";

	if (!chain || !strcmp(place->table, TM_PROTECT_TABLE))
		return;
	snprintf(s.rule.where, sizeof(s.rule.where), "nft %.7s %.23s %.23s", place->family, place->table, place->chain);
	if (tm_nft_is_hook(line)) {
		if (chain->drops)
			keep(w, &s, TM_TRACKING_POLICY);
		return;
	}
	while (tm_next_word(&line, word)) {
		nft_word(&s, before, word, &line);
		memcpy(before, word, sizeof(word));
	}
	if (s.synproxy)
		keep(w, &s, TM_TRACKING_SYNPROXY);
	else if (s.off)
		keep(w, &s, TM_TRACKING_OFF);
	else if (s.invalid && s.drop && chain->early)
		keep(w, &s, TM_TRACKING_INVALID);
}
